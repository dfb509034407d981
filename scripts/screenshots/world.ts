import { createClient } from "@supabase/supabase-js";
import type { Page } from "playwright-core";
import postgres from "postgres";
import ws from "ws";
import { createChat } from "../../client/sdk/src/index.ts";
import type { Status } from "../../local/base/status_file.ts";
import { conversations, type Line, type Name, PEOPLE, type RoomContent, ROOMS, type SharedFile } from "./content.ts";
import { drawHills, drawPerson } from "./drawing.ts";

const PASSWORD = "demo-password";
export const login = (name: Name) => ({ email: `${name.toLowerCase()}@demo.example`, password: PASSWORD });

type Person = Awaited<ReturnType<typeof signUp>>;

export interface World {
  /** The id of the chat that is shown. */
  room: number;
  /** Makes the conversation that is shown, in place of an earlier one; returns its id. */
  newConversation: () => Promise<string>;
}

/**
 * Makes the people, chats and conversations of the pictures.
 * @param easel a page of the browser that draws
 */
export async function makeWorld(status: Status, easel: Page): Promise<World> {
  const everybody = new Map<Name, Person>();
  for (const name of Object.keys(PEOPLE) as Name[]) everybody.set(name, await signUp(status, name, easel));
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  // Past times are written without triggers.
  await sql`set session_replication_role = replica`;
  const ids: number[] = [];
  for (const content of ROOMS) ids.push(await makeRoom(sql, everybody, content, easel));
  const anna = everybody.get("Anna")!;
  const [shown, ...others] = Object.keys(conversations);
  for (const title of others.reverse()) await makeConversation(anna, title);
  for (const name of ["Nadia", "Tom"] as const) await everybody.get(name)!.call("touch_status");
  await sql.end();
  let conversation: string | undefined;
  const newConversation = async () => {
    if (conversation) await anna.supabase.from("conversations").delete().eq("id", conversation).throwOnError();
    return conversation = await makeConversation(anna, shown!);
  };
  return { room: ids[0]!, newConversation };
}

async function signUp({ api_url, publishable_key }: Status, name: Name, easel: Page) {
  const auth = { persistSession: false, autoRefreshToken: false };
  const supabase = createClient(api_url, publishable_key, {
    auth,
    db: { schema: "chat" },
    realtime: { transport: ws as never },
  });
  const { data, error } = await supabase.auth.signUp({ ...login(name), options: { data: { username: name } } });
  if (error) throw error;
  // deno-lint-ignore no-explicit-any
  const call = async (fn: string, args: object = {}): Promise<any> =>
    (await supabase.rpc(fn, args).throwOnError()).data;
  const { lastName, hue } = { hue: undefined, ...PEOPLE[name] };
  const { profiles } = createChat(supabase);
  await profiles.update({ first_name: name, last_name: lastName });
  if (hue !== undefined) await profiles.setPicture(await drawPerson(easel, hue));
  return { id: data.user!.id, supabase, call };
}

/** Uploads a file to a room; returns its id. */
async function upload({ supabase, call }: Person, roomId: number, file: SharedFile, easel: Page): Promise<string> {
  const isPicture = "hills" in file;
  const content = isPicture
    ? await drawHills(easel, file.hills, file.size)
    : new Blob([new Uint8Array(file.bytes)], file);
  const about = {
    name: isPicture ? `Hills ${file.hills}.jpg` : file.name,
    mime_type: content.type,
    bytes: content.size,
    ...(isPicture && { width: file.size[0], height: file.size[1] }),
  };
  const { id, path } = await call("begin_upload", { room_id: roomId, ...about });
  const { error } = await supabase.storage.from("chat-files").upload(path, content, { contentType: content.type });
  if (error) throw error;
  return id;
}

/** Sends a line, with what belongs to it; returns the id of the message. */
async function say(
  everybody: Map<Name, Person>,
  roomId: number,
  { from, text, files = [], mentions, reactions = {} }: Line,
  replyTo: number | undefined,
  easel: Page,
): Promise<number> {
  const sender = everybody.get(from)!;
  const attachmentIds: string[] = [];
  for (const file of files) attachmentIds.push(await upload(sender, roomId, file, easel));
  const { id } = await sender.call("send_message", {
    room_id: roomId,
    content: text,
    reply_to_id: replyTo ?? null,
    ...(files.length > 0 && { attachment_ids: attachmentIds }),
    ...(mentions && { mentions: mentions.map((name) => everybody.get(name)!.id) }),
  });
  for (const [emoji, names] of Object.entries(reactions)) {
    for (const name of names) await everybody.get(name)!.call("react", { message_id: id, emoji });
  }
  return id;
}

async function makeRoom(
  sql: postgres.Sql,
  everybody: Map<Name, Person>,
  content: RoomContent,
  easel: Page,
): Promise<number> {
  const anna = everybody.get("Anna")!;
  const others = content.with.map((name) => everybody.get(name)!);
  const room = content.name
    ? await anna.call("create_group_room", { name: content.name, member_ids: others.map(({ id }) => id) })
    : await anna.call("create_direct_room", { user_id: others[0]!.id });
  const ids: number[] = [];
  if (content.hue !== undefined) {
    await createChat(anna.supabase).rooms.setPicture(room.id, await drawHills(easel, content.hue, [192, 192]));
  }
  for (const line of content.lines) {
    const { ago, replyTo, pinned } = line;
    const id = await say(everybody, room.id, line, replyTo === undefined ? undefined : ids[replyTo], easel);
    ids.push(id);
    const at = new Date(Date.now() - ago * 60_000);
    await sql`update chat.messages set created_at = ${at} where id = ${id}`;
    await sql`update chat.rooms set last_message_at = ${at} where id = ${room.id}`;
    if (pinned) await anna.call("pin_message", { message_id: id });
  }
  const read = content.read ?? content.lines.length;
  await sql`update chat.room_members set last_read_seq = ${read} where room_id = ${room.id} and user_id = ${anna.id}`;
  for (const { call } of others) await call("mark_read", { room_id: room.id, seq: content.lines.length });
  return room.id;
}

/** Makes a conversation with the assistant; returns its id. */
async function makeConversation({ supabase, call }: Person, title: string): Promise<string> {
  const { data } = await supabase.from("conversations").insert({ title }).select().single().throwOnError();
  for (const [question, reply] of conversations[title]!) {
    const args = { conversation_id: data.id, role: "user", content: question };
    const asked = await call("add_conversation_message", args);
    await call("add_conversation_message", { ...args, role: "assistant", content: reply, reply_to_id: asked.id });
  }
  return data.id;
}
