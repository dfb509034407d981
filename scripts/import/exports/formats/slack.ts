import { z } from "zod";
import { Refusal } from "../../refusal.ts";
import { type Input, textOf } from "../input.ts";
import { valuesOf } from "../json.ts";
import { type ExportRecord, type Message, type NamedFile, unreadMessage } from "../records.ts";
import { readable } from "./slack_text.ts";

/** What is larger is not read as a whole. */
const MAX_WHOLE_BYTES = 2 ** 25;

const text = z.string().nullish();
const user = z.object({
  id: z.string(),
  name: text,
  deleted: z.boolean().nullish(),
  is_bot: z.boolean().nullish(),
  real_name: text,
  profile: z.object({
    real_name: text,
    display_name: text,
    first_name: text,
    last_name: text,
    email: text,
    title: text,
    image_512: text,
    image_192: text,
  }).partial().nullish(),
});
const topic = z.object({ value: text }).nullish();
const channel = z.object({
  id: z.string(),
  name: text,
  created: z.number().nullish(),
  creator: text,
  members: z.array(z.string()).nullish(),
  topic,
  purpose: topic,
  pins: z.array(z.object({ id: z.string(), user: text, created: z.number().nullish() })).nullish().catch(null),
});
const file = z.object({
  id: text,
  name: text,
  title: text,
  mode: text,
  mimetype: text,
  original_w: z.number().nullish().catch(null),
  original_h: z.number().nullish().catch(null),
  duration_ms: z.number().nullish().catch(null),
  url_private: text,
  permalink: text,
});
const line = z.object({
  type: text,
  subtype: text,
  ts: z.string().regex(/^\d+(\.\d+)?$/),
  user: text,
  bot_id: text,
  username: text,
  text,
  thread_ts: text,
  hidden: z.boolean().nullish(),
  edited: z.object({ user: text, ts: text }).nullish(),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()).nullish(), count: z.number().nullish() }))
    .nullish(),
  files: z.array(file).nullish(),
  file: file.nullish(),
  attachments: z.array(
    z.object({ fallback: text, pretext: text, title: text, text, is_msg_unfurl: z.boolean().nullish() }),
  )
    .nullish().catch(null),
  user_profile: z.object({ name: text, real_name: text, display_name: text, first_name: text }).nullish().catch(null),
  bot_profile: z.object({ name: text }).nullish().catch(null),
  deleted_ts: text,
});
type Line = z.infer<typeof line>;

const LISTS = {
  channels: { kind: "group", is_public: true },
  groups: { kind: "group", is_public: false },
  mpims: { kind: "group", is_public: false },
  dms: { kind: "direct", is_public: false },
} as const;

/** Reads an export of a Slack workspace: the zip, or the folder that was in it. */
export async function* readSlack(input: Input): AsyncGenerator<ExportRecord> {
  const lists = input.names.filter((name) => /(^|\/)(channels|groups|dms|mpims)\.json$/.test(name));
  // A file of a message may be called so, too.
  const [at] = lists.sort((one, other) => one.split("/").length - other.split("/").length);
  if (at === undefined) {
    throw new Refusal("An export of Slack has a file channels.json, groups.json, mpims.json or dms.json.");
  }
  const root = at.slice(0, at.lastIndexOf("/") + 1);
  const people = new Map<string, string>();
  const rooms = new Map<string, string>();
  const paths = pathsOf(input);
  for (const name of ["users", "org_users"]) {
    for (const entry of await listOf(input, `${root}${name}.json`)) {
      const known = user.safeParse(entry);
      if (!known.success) {
        yield unread("person", entry, "a person without an id");
        continue;
      }
      people.set(known.data.id, nameOf(known.data));
      yield personOf(known.data);
    }
  }
  const listed = await Promise.all(
    Object.entries(LISTS).map(async ([name, kind]) => ({
      name,
      kind,
      entries: await listOf(input, `${root}${name}.json`),
    })),
  );
  for (const { entries } of listed) for (const { id, name } of entries as Named[]) if (id && name) rooms.set(id, name);
  const folders = foldersOf(input, root);
  for (const { name: list, kind, entries } of listed) {
    for (const entry of entries) {
      const known = channel.safeParse(entry);
      if (!known.success) {
        yield unread("room", entry, `a room of ${list}.json without an id`);
        continue;
      }
      const { id, name, created, creator, members, pins } = known.data;
      const description = [known.data.topic?.value, known.data.purpose?.value].filter(Boolean).join("\n");
      yield {
        type: "room",
        id,
        ...kind,
        // Slack makes such names of the members.
        name: list === "mpims" ? null : name,
        description: readable(description, people, rooms),
        owner: creator || null,
        created_at: created ? new Date(created * 1000).toISOString() : null,
        authors_are_members: members == null,
      };
      for (const person of members ?? []) yield { type: "member", room: id, person };
      for (const { id: message, user, created: pinned } of pins ?? []) {
        yield { type: "pin", room: id, message, by: user, at: pinned ? new Date(pinned * 1000).toISOString() : null };
      }
      const days = folders.get(name ?? "") ?? folders.get(id) ?? [];
      folders.delete(folders.has(name ?? "") ? name! : id);
      for (const day of days.sort()) yield* messagesOf(input, day, { room: id, people, rooms, paths });
    }
  }
  for (const [folder, days] of folders) {
    yield {
      type: "unread",
      kind: "room",
      id: folder,
      reason: "a folder that no list of rooms names",
      detail: `${days.length} files`,
    };
  }
}

interface Named {
  id?: string;
  name?: string;
}

const unread = (kind: string, entry: unknown, reason: string): ExportRecord => ({
  type: "unread",
  kind,
  id: String((entry as Named | null)?.id ?? ""),
  reason,
});

async function listOf(input: Input, name: string): Promise<unknown[]> {
  if (!input.names.includes(name)) return [];
  try {
    const list = JSON.parse(await textOf(input, name));
    return Array.isArray(list) ? list : [];
  } catch (error) {
    throw new Refusal(`${name} is not JSON: ${(error as Error).message}`);
  }
}

/** The files of each folder, by its name. */
function foldersOf(input: Input, root: string): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const name of input.names) {
    const [folder, file, ...deeper] = name.slice(root.length).split("/");
    if (!name.startsWith(root) || deeper.length > 0 || !/^\d{4}-\d\d-\d\d\.json$/.test(file ?? "")) continue;
    folders.set(folder!, [...folders.get(folder!) ?? [], name]);
  }
  return folders;
}

function nameOf({ name, real_name, profile, id }: z.infer<typeof user>): string {
  return profile?.display_name || name || profile?.real_name || real_name || id;
}

function personOf({ id, name, real_name, deleted, is_bot, profile }: z.infer<typeof user>): ExportRecord {
  return {
    type: "person",
    id,
    username: name,
    name: profile?.real_name || real_name || profile?.display_name,
    first_name: profile?.first_name,
    last_name: profile?.last_name,
    // Who was removed there shall not get in here by the address of then.
    email: deleted || is_bot ? null : profile?.email,
    bio: profile?.title,
    avatar_url: profile?.image_512 ?? profile?.image_192,
  };
}

/** What is known while messages are read: the names of people and rooms by their ids, and where files are by theirs. */
interface Known {
  room: string;
  people: Map<string, string>;
  rooms: Map<string, string>;
  paths: Map<string, string>;
}

/**
 * Where files are, by their ids. Slack exports none; tools that fetch them put them into `__uploads/F01ABCDEF/plan.pdf` or
 * `attachments/F01ABCDEF-plan.pdf`.
 */
function pathsOf({ names, mediaNames }: Input): Map<string, string> {
  const paths = new Map<string, string>();
  for (const name of [...names, ...mediaNames]) {
    const [, id] = /(?:^|\/)(F[A-Z0-9]{6,})(?:[-_.][^/]*|\/[^/]+)?$/.exec(name) ?? [];
    if (id && !paths.has(id)) paths.set(id, name);
  }
  return paths;
}

async function* messagesOf(
  input: Input,
  name: string,
  { room, people, rooms, paths }: Known,
): AsyncGenerator<ExportRecord> {
  for await (const { index, value } of linesOf(input, name)) {
    const { message, previous_message, ...rest } = (value ?? {}) as Record<string, unknown>;
    // Exports with a log of changes have the new state of a message within what has happened to it.
    const changed = rest.subtype === "message_changed"
      ? message
      : rest.subtype === "message_deleted"
      ? previous_message
      : undefined;
    const parsed = line.safeParse(changed ?? rest);
    if (!parsed.success) {
      yield unreadMessage(`${name}[${index}]`, parsed.error);
      continue;
    }
    const { user, bot_id, user_profile, bot_profile, username } = parsed.data;
    const sender = user || bot_id || (username ? `bot:${username}` : null);
    if (sender && !people.has(sender)) {
      const name = user_profile?.display_name || user_profile?.name || username || bot_profile?.name || sender;
      people.set(sender, name);
      yield {
        type: "person",
        id: sender,
        username: user_profile?.name || username || bot_profile?.name || sender,
        name: user_profile?.real_name || username || bot_profile?.name || sender,
      };
    }
    const deletedAt = rest.subtype === "message_deleted" ? timeOf(String(rest.ts)) : undefined;
    yield {
      ...messageOf(room, sender, parsed.data, (text) => readable(text, people, rooms), deletedAt),
      files: filesOf(parsed.data, paths),
    };
  }
}

async function* linesOf(input: Input, name: string): AsyncGenerator<{ index: number; value: unknown }> {
  if (input.size(name) <= MAX_WHOLE_BYTES) {
    for (const [index, value] of (await listOf(input, name)).entries()) yield { index, value };
    return;
  }
  let index = 0;
  for await (const { value } of valuesOf(await input.open(name), name, (path) => path.length === 0)) {
    yield { index: index++, value };
  }
}

const SAID = new Set([
  "bot_message",
  "me_message",
  "thread_broadcast",
  "file_share",
  "file_comment",
  "reply_broadcast",
]);

function messageOf(
  room: string,
  sender: string | null,
  said: Line,
  readable: (text: string) => string,
  deletedAt: string | undefined,
): Message {
  const { ts, subtype, thread_ts, edited, reactions, attachments } = said;
  const time = timeOf(ts);
  const isGone = subtype === "tombstone";
  const shown = (attachments ?? []).map(({ pretext, title, text, fallback }) =>
    [pretext, title, text].filter(Boolean).join("\n") || fallback || ""
  );
  const isQuoted = !said.text?.trim() || attachments?.some(({ is_msg_unfurl }) => is_msg_unfurl);
  const lines = [said.text ?? "", ...isQuoted ? shown : []].map(readable).filter((line) => line.trim() !== "");
  return {
    type: "message",
    room,
    id: ts,
    sender,
    sent_at: time,
    text: lines.join("\n"),
    reply_to: thread_ts && thread_ts !== ts ? thread_ts : null,
    edited_at: edited?.ts ? timeOf(edited.ts) : null,
    deleted_at: deletedAt ?? (isGone ? time : null),
    reactions: reactions?.map(({ name, users, count }) => ({ emoji: `:${name}:`, people: users, count })),
    system: subtype && !SAID.has(subtype) && !isGone ? subtype : null,
  };
}

function filesOf({ files, file }: Line, paths: Map<string, string>): NamedFile[] {
  const all = [...files ?? [], ...file ? [file] : []].filter(({ mode }) => mode !== "tombstone");
  return all.map(({ id, name, title, url_private, permalink, mimetype, original_w, original_h, duration_ms }) => ({
    name: name || title || "file",
    url: withoutToken(permalink ?? url_private),
    ...(id && paths.size > 0 && {
      path: paths.get(id) ?? `__uploads/${id}`,
      mime_type: mimetype,
      width: original_w,
      height: original_h,
      duration_ms,
    }),
  }));
}

/** The addresses of an export let everybody see the file who has them. */
function withoutToken(url: string | null | undefined): string | null {
  return url?.replace(/([?&])t=[^&#]*&?/, "$1").replace(/[?&]$/, "") ?? null;
}

function timeOf(ts: string): string {
  const [seconds = "", fraction = ""] = ts.split(".");
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return ts;
  return date.toISOString().replace(/000Z$/, `${fraction.padEnd(6, "0").slice(0, 6)}Z`);
}
