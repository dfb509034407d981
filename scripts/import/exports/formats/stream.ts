import { z } from "zod";
import { Refusal } from "../../refusal.ts";
import type { Input } from "../input.ts";
import { linesOf, valuesOf } from "../json.ts";
import { detailOf, type ExportRecord, type Message } from "../records.ts";

const text = z.string().nullish();
/** A person by the id, or as a whole. */
const person = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
const user = z.object({
  id: z.string(),
  name: text,
  image: text,
  email: text.catch(null),
  created_at: text,
  deleted_at: text,
});
const member = z.object({
  channel_type: text,
  channel_id: text,
  channel_member_ids: z.array(z.string()).nullish(),
  user_id: text,
  user: z.unknown().optional(),
  is_moderator: z.boolean().nullish(),
  channel_role: text,
  role: text,
  created_at: text,
  last_read: text,
});
const channel = z.object({
  id: text,
  type: z.string(),
  name: text.catch(null),
  created_by: person.nullish(),
  created_at: text,
  member_ids: z.array(z.string()).nullish(),
});
const reaction = z.object({ message_id: z.string(), type: z.string(), user_id: text, user: person.nullish() });
const line = z.object({
  id: z.string(),
  type: text,
  channel_type: text,
  channel_id: text,
  channel_member_ids: z.array(z.string()).nullish(),
  cid: text,
  user: z.unknown().optional(),
  user_id: text,
  text: text,
  created_at: z.string(),
  deleted_at: text,
  updated_at: text,
  message_text_updated_at: text,
  parent_id: text,
  quoted_message_id: text,
  pinned: z.boolean().nullish(),
  pinned_at: text,
  pinned_by: person.nullish().catch(null),
  attachments: z.array(z.object({
    type: text,
    title: text,
    fallback: text,
    name: text,
    asset_url: text,
    image_url: text,
    title_link: text,
    og_scrape_url: text,
    url: text,
  })).nullish().catch(null),
  reactions: z.record(z.string(), z.array(z.object({ user_id: text }))).nullish().catch(null),
  latest_reactions: z.array(reaction.partial()).nullish().catch(null),
});
/** What the API answers for a channel. */
const whole = z.object({
  channel: z.unknown().optional(),
  members: z.array(z.unknown()).nullish(),
  messages: z.array(z.unknown()).nullish(),
});

/** Reads data of Stream, as exported or as its importer takes it: JSONL, or JSON. */
export async function* readStream(input: Input): AsyncGenerator<ExportRecord> {
  const names = input.names.filter((name) => /\.(jsonl?|ndjson)$/i.test(name)).sort();
  if (names.length === 0) throw new Refusal("An export of Stream is a file with the ending .jsonl or .json.");
  for (const name of names) {
    const values = /\.json$/i.test(name) ? documentOf(input, name) : linesOf(await input.open(name));
    for await (const { line, value, problem } of values) yield* recordsOf(value, `${name}:${line}`, problem);
  }
}

async function* documentOf(
  input: Input,
  name: string,
): AsyncGenerator<{ line: number; value: unknown; problem?: string }> {
  let line = 0;
  const isOpen = (path: (string | number)[]) => path.length === 0 || path.length === 1 && path[0] === "channels";
  for await (const { value } of valuesOf(await input.open(name), name, isOpen)) {
    if (typeof value === "object") yield { line: ++line, value };
  }
}

/** `{"type": …, "data": …}` in the newer exports, `item` in the older ones, or a channel with everything in it. */
function* recordsOf(value: unknown, at: string, problem: string | undefined): Generator<ExportRecord> {
  const { type, data, item } = (value ?? {}) as Record<string, unknown>;
  const { data: all } = data === undefined && item === undefined ? whole.safeParse(value) : {};
  if (all?.channel) {
    const { id, type } = all.channel as { id?: unknown; type?: unknown };
    const within = { channel_id: id, channel_type: type };
    yield* recordOf("channel", all.channel, at);
    for (const one of all.members ?? []) yield* recordOf("member", { ...one as object, ...within }, at);
    for (const one of all.messages ?? []) yield* recordOf("message", { ...one as object, ...within }, at);
    return;
  }
  yield* recordOf(typeof type === "string" ? type : "", data ?? item, at, problem);
}

function* recordOf(type: string, data: unknown, at: string, problem?: string): Generator<ExportRecord> {
  const unread = (kind: string, detail: string | undefined): ExportRecord => ({
    type: "unread",
    kind,
    id: at,
    reason: "a record that cannot be read",
    detail,
  });
  if (problem !== undefined) yield unread("line", problem);
  else if (type === "user") {
    const { data: known, error } = user.safeParse(data);
    if (known) yield* peopleOf([data]);
    else yield unread("person", error?.issues[0]?.message);
  } else if (type === "channel") {
    const { data: known, error } = channel.safeParse(data);
    if (known) yield* roomOf(known);
    else yield unread("room", error?.issues[0]?.message);
  } else if (type === "member") {
    const { data: known, error } = member.safeParse(data);
    const who = known && (known.user_id ?? person.safeParse(known.user).data);
    if (!known || !who) yield unread("member", error?.issues[0]?.message);
    else yield* memberOf(known, who);
  } else if (type === "message") {
    const { data: known, error } = line.safeParse(data);
    if (known) yield* messageOf(known, at);
    else yield unread("message", detailOf(error!));
  } else if (type === "reaction") {
    const { data: known, error } = reaction.safeParse(data);
    if (known) {
      yield { type: "reaction", message: known.message_id, emoji: known.type, person: known.user_id ?? known.user };
    } else yield unread("reaction", error?.issues[0]?.message);
  } else if (type !== "device" && type !== "future_channel_ban") {
    yield unread("line", type ? `of the type ${type}` : undefined);
  }
}

/** People come by themselves, and whole within messages and members. */
function* peopleOf(values: unknown[]): Generator<ExportRecord> {
  for (const value of values) {
    const { data } = user.safeParse(value);
    if (!data) continue;
    const { id, name, image, email, created_at, deleted_at } = data;
    yield { type: "person", id, username: id, name, email: deleted_at ? null : email, avatar_url: image, created_at };
  }
}

function roomId(
  type: string | null | undefined,
  id: string | null | undefined,
  members: string[] | null | undefined,
): string {
  return `${type ?? "messaging"}:${id || [...members ?? []].sort().join(",")}`;
}

function* roomOf(
  { id, type, name, created_by, created_at, member_ids }: z.infer<typeof channel>,
): Generator<ExportRecord> {
  const room = roomId(type, id, member_ids);
  // A channel that is known by its members is a chat of them. Who else may read a channel, an export does not say.
  const isDistinct = !id || id.startsWith("!members-");
  yield {
    type: "room",
    id: room,
    kind: isDistinct && (member_ids?.length ?? 2) === 2 ? "direct" : "group",
    name: name || (isDistinct ? null : id),
    owner: created_by,
    created_at,
  };
  for (const person of member_ids ?? []) yield { type: "member", room, person };
}

function* memberOf(known: z.infer<typeof member>, who: string): Generator<ExportRecord> {
  const { channel_type, channel_id, channel_member_ids, is_moderator, channel_role, role, created_at, last_read } =
    known;
  yield* peopleOf([known.user]);
  yield {
    type: "member",
    room: roomId(channel_type, channel_id, channel_member_ids),
    person: who,
    role: role === "owner" ? "owner" : is_moderator || channel_role === "channel_moderator" ? "admin" : "member",
    joined_at: created_at,
    read_at: last_read,
  };
}

function* messageOf(said: z.infer<typeof line>, at: string): Generator<ExportRecord> {
  const {
    id,
    type,
    channel_type,
    channel_id,
    channel_member_ids,
    cid,
    attachments,
    pinned,
    reactions,
    latest_reactions,
  } = said;
  if (type === "ephemeral" || type === "error") {
    yield { type: "unread", kind: "message", id: at, reason: "a message that only its sender has seen" };
    return;
  }
  const room = channel_id || channel_member_ids || !cid ? roomId(channel_type, channel_id, channel_member_ids) : cid;
  yield* peopleOf([said.user]);
  const sender = said.user_id ?? person.safeParse(said.user).data;
  const emojis = new Map(
    Object.entries(reactions ?? {}).map(([emoji, all]) => [emoji, all.flatMap(({ user_id }) => user_id ?? [])]),
  );
  if (emojis.size === 0) {
    for (const { type, user_id, user } of latest_reactions ?? []) {
      if (type) emojis.set(type, [...emojis.get(type) ?? [], ...(user_id ?? user) ? [(user_id ?? user)!] : []]);
    }
  }
  const message: Message = {
    type: "message",
    room,
    id,
    sender,
    sent_at: said.created_at,
    text: said.text ?? "",
    reply_to: said.quoted_message_id || said.parent_id || null,
    edited_at: said.message_text_updated_at,
    deleted_at: said.deleted_at ?? (type === "deleted" ? said.updated_at ?? said.created_at : null),
    reactions: [...emojis].map(([emoji, people]) => ({ emoji, people, count: people.length })),
    files: attachments?.map((file) => ({
      name: file.title || file.name || file.fallback || file.type || "file",
      url: file.asset_url ?? file.image_url ?? file.og_scrape_url ?? file.title_link ?? file.url,
    })),
    system: type === "system" ? "system" : null,
  };
  yield message;
  if (pinned) yield { type: "pin", room, message: id, by: said.pinned_by, at: said.pinned_at };
}
