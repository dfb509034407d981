import { z } from "zod";
import { Refusal } from "../../refusal.ts";
import { besideOf, type Input, isOutside } from "../input.ts";
import { linesOf } from "../json.ts";
import type { ExportRecord, Message, NamedFile } from "../records.ts";

const text = z.string().nullish();
const time = z.number();
const team = z.object({ name: z.string(), type: text });
const channel = z.object({
  team: z.string(),
  name: z.string(),
  display_name: text,
  type: text,
  header: text,
  purpose: text,
});
const user = z.object({
  username: z.string(),
  email: text,
  nickname: text,
  first_name: text,
  last_name: text,
  position: text,
  delete_at: z.number().nullish(),
  teams: z.array(z.object({
    name: z.string(),
    channels: z.array(z.object({ name: z.string(), roles: text, last_viewed_at: z.number().nullish() })).nullish(),
  })).nullish(),
});
const bot = z.object({ username: z.string(), display_name: text });
const reactions = z.array(z.object({ user: text, emoji_name: z.string() })).nullish();
const said = z.object({
  user: z.string(),
  type: text,
  message: z.string().nullish(),
  create_at: time,
  edit_at: z.number().nullish(),
  is_pinned: z.boolean().nullish(),
  reactions,
  attachments: z.array(z.object({ path: z.string() })).nullish(),
});
const withReplies = said.extend({ replies: z.array(said).nullish() });
const post = withReplies.extend({ team: z.string(), channel: z.string() });
const directPost = withReplies.extend({ channel_members: z.array(z.string()) });
const directChannel = z.object({
  members: z.array(z.string()).nullish(),
  participants: z.array(z.object({ username: z.string(), last_viewed_at: z.number().nullish() })).nullish(),
  header: text,
});
type Said = z.infer<typeof said>;

const directId = (members: string[]) => [...new Set(members)].sort().join(",");
const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Reads the bulk export of Mattermost: its JSONL, or the zip or folder that has one. */
export async function* readMattermost(input: Input): AsyncGenerator<ExportRecord> {
  const names = input.names.filter((name) => /\.jsonl$/i.test(name) && !/(^|\/)data\//.test(name));
  if (names.length === 0) {
    throw new Refusal("An export of Mattermost is a file with the ending .jsonl, or a zip that has one.");
  }
  for (const name of names) yield* fileOf(input, name);
}

async function* fileOf(input: Input, name: string): AsyncGenerator<ExportRecord> {
  const teams = new Map<string, string | null | undefined>();
  const channels: z.infer<typeof channel>[] = [];
  /** Teams come before channels, and both before everything else. */
  function* pending(): Generator<ExportRecord> {
    for (const room of channels.splice(0)) yield roomOf(room, teams.size === 1 || teams.get(room.team) === "O");
  }
  let isVersioned = false;
  for await (const { line, value, problem } of linesOf(await input.open(name))) {
    const { type, ...rest } = (value ?? {}) as Record<string, unknown>;
    const read = <T>(schema: z.ZodType<T>) => schema.safeParse(rest[String(type)]);
    const unread = (kind: string, detail: string | undefined): ExportRecord => ({
      type: "unread",
      kind,
      id: `${name}:${line}`,
      reason: "a line that cannot be read",
      detail,
    });
    if (problem !== undefined) {
      yield unread("line", problem);
      continue;
    }
    if (type === "version") isVersioned = true;
    else if (!isVersioned) {
      throw new Refusal(`${name} does not begin with a version: it is not an export of Mattermost.`);
    } else if (type === "team") {
      const { data } = read(team);
      if (data) teams.set(data.name, data.type);
    } else if (type === "channel") {
      const { data, error } = read(channel);
      if (data) channels.push(data);
      else yield unread("room", error?.issues[0]?.message);
    } else if (type === "user" || type === "bot") {
      yield* pending();
      const { data, error } = type === "user" ? read(user) : read(bot);
      if (data) yield* personOf(data);
      else yield unread("person", error?.issues[0]?.message);
    } else if (type === "post" || type === "direct_post") {
      yield* pending();
      const { data, error } = type === "post" ? read(post) : read(directPost);
      if (data) {
        yield* postOf(name, "channel" in data ? `${data.team}/${data.channel}` : directId(data.channel_members), data);
      } else yield unread("message", error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)[0]);
    } else if (type === "direct_channel") {
      yield* pending();
      const { data, error } = read(directChannel);
      if (data) yield* directOf(data);
      else yield unread("room", error?.issues[0]?.message);
    } else if (type !== "role" && type !== "scheme" && type !== "emoji") {
      yield unread("line", `of the type ${type}`);
    }
  }
  yield* pending();
}

function roomOf(
  { team, name, display_name, type, header, purpose }: z.infer<typeof channel>,
  isOpen: boolean,
): ExportRecord {
  return {
    type: "room",
    id: `${team}/${name}`,
    kind: "group",
    // A public channel is that of a team: with others in the project, it is public only if they could have joined the team.
    is_public: type === "O" && isOpen,
    name: display_name || name,
    description: [header, purpose].filter(Boolean).join("\n"),
    authors_are_members: false,
  };
}

function* personOf(person: z.infer<typeof user> | z.infer<typeof bot>): Generator<ExportRecord> {
  if (!("teams" in person || "email" in person)) {
    const { username, display_name } = person as z.infer<typeof bot>;
    yield { type: "person", id: username, username, name: display_name };
    return;
  }
  const { username, email, nickname, first_name, last_name, position, delete_at, teams } = person as z.infer<
    typeof user
  >;
  yield {
    type: "person",
    id: username,
    username,
    first_name: first_name || (last_name ? null : nickname),
    last_name,
    // Who was removed there shall not get in here by the address of then.
    email: delete_at ? null : email,
    bio: position,
  };
  for (const { name: team, channels } of teams ?? []) {
    for (const { name, roles, last_viewed_at } of channels ?? []) {
      yield {
        type: "member",
        room: `${team}/${name}`,
        person: username,
        role: /\bchannel_admin\b/.test(roles ?? "") ? "admin" : "member",
        read_at: last_viewed_at ? timeOf(last_viewed_at) : null,
      };
    }
  }
}

function* directOf({ members, participants, header }: z.infer<typeof directChannel>): Generator<ExportRecord> {
  const people = participants ?? (members ?? []).map((username) => ({ username, last_viewed_at: null }));
  const room = directId(people.map(({ username }) => username));
  yield { type: "room", id: room, kind: room.split(",").length === 2 ? "direct" : "group", description: header };
  for (const { username, last_viewed_at } of people) {
    yield { type: "member", room, person: username, read_at: last_viewed_at ? timeOf(last_viewed_at) : null };
  }
}

function* postOf(
  name: string,
  room: string,
  { replies, ...root }: z.infer<typeof withReplies>,
): Generator<ExportRecord> {
  const id = idOf(root);
  yield { ...messageOf(room, id, root), files: filesOf(name, root) };
  if (root.is_pinned) yield { type: "pin", room, message: id };
  for (const reply of replies ?? []) {
    yield { ...messageOf(room, idOf(reply), reply), reply_to: id, files: filesOf(name, reply) };
  }
}

/** Posts have no ids there; a person rarely writes two in one millisecond. */
const idOf = ({ create_at, user }: Said) => `${create_at}/${user}`;

function messageOf(
  room: string,
  id: string,
  { user, type, message, create_at, edit_at, reactions }: Said,
): Message {
  const emojis = new Map<string, string[]>();
  for (const { user, emoji_name } of reactions ?? []) {
    emojis.set(emoji_name, [...emojis.get(emoji_name) ?? [], ...user ? [user] : []]);
  }
  return {
    type: "message",
    room,
    id,
    id_may_repeat: true,
    sender: user,
    sent_at: timeOf(create_at),
    text: message ?? "",
    edited_at: edit_at ? timeOf(edit_at) : null,
    reactions: [...emojis].map(([name, people]) => ({ emoji: `:${name}:`, people, count: people.length })),
    system: type?.startsWith("system_") ? type : null,
  };
}

/** The files are in the folder `data` of the export. */
const filesOf = (name: string, { attachments }: Said): NamedFile[] | undefined =>
  attachments?.map(({ path }) => ({
    name: path.split("/").at(-1)!,
    path: besideOf(name, isOutside(path) || path.startsWith("data/") ? path : `data/${path}`),
  }));
