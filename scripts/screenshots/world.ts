import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import ws from "ws";
import type { Status } from "../../local/base/status_file.ts";
import { conversations, type Name, PEOPLE, type RoomContent, ROOMS } from "./content.ts";

const PASSWORD = "demo-password";
export const login = (name: Name) => ({ email: `${name.toLowerCase()}@demo.example`, password: PASSWORD });

type Person = Awaited<ReturnType<typeof signUp>>;

/** Makes the people, chats and conversations of the pictures; returns the ids of the chat and conversation shown. */
export async function makeWorld(status: Status): Promise<{ room: number; conversation: string }> {
  const everybody = new Map<Name, Person>();
  for (const name of PEOPLE) everybody.set(name, await signUp(status, name));
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  // Past times are written without triggers.
  await sql`set session_replication_role = replica`;
  const ids: number[] = [];
  for (const content of ROOMS) ids.push(await makeRoom(sql, everybody, content));
  const anna = everybody.get("Anna")!;
  const conversation = await makeConversations(anna);
  for (const name of ["Nadia", "Tom"] as const) await everybody.get(name)!.call("touch_status");
  await sql.end();
  return { room: ids[0]!, conversation };
}

async function signUp({ api_url, publishable_key }: Status, name: Name) {
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
  return { id: data.user!.id, supabase, call };
}

async function makeRoom(sql: postgres.Sql, everybody: Map<Name, Person>, content: RoomContent): Promise<number> {
  const anna = everybody.get("Anna")!;
  const others = content.with.map((name) => everybody.get(name)!);
  const room = content.name
    ? await anna.call("create_group_room", { name: content.name, member_ids: others.map(({ id }) => id) })
    : await anna.call("create_direct_room", { user_id: others[0]!.id });
  const ids: number[] = [];
  for (const { from, text, ago, replyTo, pinned } of content.lines) {
    const args = { room_id: room.id, content: text, reply_to_id: replyTo === undefined ? null : ids[replyTo] };
    const { id } = await everybody.get(from)!.call("send_message", args);
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

async function makeConversations({ supabase, call }: Person): Promise<string> {
  let shown = "";
  for (const [title, exchanges] of Object.entries(conversations).reverse()) {
    const { data } = await supabase.from("conversations").insert({ title }).select().single().throwOnError();
    shown = data.id;
    for (const [question, reply] of exchanges) {
      const args = { conversation_id: shown, role: "user", content: question };
      const asked = await call("add_conversation_message", args);
      await call("add_conversation_message", {
        ...args,
        role: "assistant",
        content: reply,
        reply_to_id: asked.id,
      });
    }
  }
  return shown;
}
