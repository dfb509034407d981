import { z } from "zod";
import { Refusal } from "../../refusal.ts";
import type { FormatOptions } from "../formats.ts";
import { besideOf, type Input } from "../input.ts";
import { type Path, valuesOf } from "../json.ts";
import { type ExportRecord, type Message, type NamedFile, unreadMessage } from "../records.ts";
import { inZone, requireZone } from "../zones.ts";

const id = z.union([z.string(), z.number()]).nullish();
const text = z.string().nullish();
const piece = z.union([z.string(), z.object({ type: text, text: z.string().catch(""), href: text })]);
const line = z.object({
  id: z.number(),
  type: text,
  date: z.string(),
  date_unixtime: text,
  edited: text,
  edited_unixtime: text,
  from: text,
  from_id: id,
  actor: text,
  actor_id: id,
  action: text,
  title: text,
  members: z.array(z.string().nullable()).nullish().catch(null),
  message_id: z.number().nullish(),
  forwarded_from: text,
  reply_to_message_id: z.number().nullish(),
  reply_to_peer_id: id,
  text: z.union([z.string(), z.array(piece)]).nullish().catch(null),
  photo: text,
  file: text,
  file_name: text,
  mime_type: text,
  duration_seconds: z.number().nullish().catch(null),
  width: z.number().nullish().catch(null),
  height: z.number().nullish().catch(null),
  media_type: text,
  sticker_emoji: text,
  location_information: z.object({ latitude: z.number(), longitude: z.number() }).nullish().catch(null),
  contact_information: z.object({ first_name: text, last_name: text, phone_number: text }).nullish().catch(null),
  poll: z.object({ question: text, answers: z.array(z.object({ text })).nullish() }).nullish().catch(null),
  reactions: z.array(z.object({
    type: text,
    count: z.number().nullish(),
    emoji: text,
    document_id: text,
    recent: z.array(z.object({ from_id: text })).nullish(),
  })).nullish().catch(null),
});
type Line = z.infer<typeof line>;

/** The folders of files that were sent. */
const MEDIA = /(^|\/)(photos|files|video_files|voice_messages|round_video_messages|stickers|contacts)\//;

/** What is known of a chat before its messages come. */
interface Chat {
  id?: string;
  type?: string;
  name?: string;
}

/** Reads result.json of Telegram Desktop, of one chat or of a whole account; or the folder that it is in. */
export async function* readTelegram(input: Input, { zone }: FormatOptions): AsyncGenerator<ExportRecord> {
  if (zone !== undefined) requireZone(zone);
  const names = input.names.filter((name) => /\.json$/i.test(name) && !MEDIA.test(name)).sort();
  if (names.length === 0) {
    throw new Refusal("An export of Telegram is a file result.json: choose JSON when you export.");
  }
  const people = new Set<string>();
  for (const name of names) yield* fileOf(input, name, people, zone);
}

/** A chat is the document itself, or one of the lists of an account. */
function chatOf(path: Path): { key: string; rest: Path } | undefined {
  const [list, inner, index] = path;
  if ((list === "chats" || list === "left_chats") && inner === "list" && index !== undefined) {
    return { key: `${list} ${index}`, rest: path.slice(3) };
  }
  return list === "chats" || list === "left_chats" ? undefined : { key: "", rest: path };
}

async function* fileOf(
  input: Input,
  name: string,
  people: Set<string>,
  zone: string | undefined,
): AsyncGenerator<ExportRecord> {
  let own: string | undefined;
  let current = "none";
  let chat: Chat = {};
  let found = 0;
  const isOpen = (path: Path) => {
    const at = chatOf(path);
    return path.length < 3 && !at ||
      at !== undefined && (at.rest.length === 0 || at.rest.length === 1 && at.rest[0] === "messages");
  };
  for await (const { path, value } of valuesOf(await input.open(name), name, isOpen)) {
    const at = chatOf(path);
    if (!at) continue;
    const [field, index] = at.rest;
    if (at.key !== current) [current, chat] = [at.key, {}];
    if (field === "personal_information") {
      const { user_id, first_name, last_name, username, bio } = value as Record<string, string>;
      if (user_id === undefined) continue;
      own = `user${user_id}`;
      people.add(own);
      yield { type: "person", id: own, username: username?.replace(/^@/, ""), first_name, last_name, bio };
    } else if (field === "name" || field === "type") chat[field] = value == null ? undefined : String(value);
    else if (field === "id") {
      chat.id = roomId(chat.type, value as number);
      found++;
      yield* roomOf(chat as Chat & { id: string }, String(value), own, people);
    } else if (field === "messages" && index !== undefined) {
      if (!chat.id) throw new Refusal(`${name} has messages of a chat without an id: it is not what Telegram writes.`);
      yield* messagesOf(chat as Chat & { id: string }, value, {
        file: name,
        name: `${name}${at.key && ` ${at.key}`}[${index}]`,
        people,
        zone,
      });
    }
  }
  if (found === 0) throw new Refusal(`${name} has no chat: it is not result.json of Telegram.`);
}

/** People, groups and channels are numbered apart. */
function roomId(type: string | undefined, number: number): string {
  return `${
    kindOf(type) === "direct" || type === "saved_messages"
      ? "user"
      : /supergroup|channel/.test(type ?? "")
      ? "channel"
      : "chat"
  }${number}`;
}

const kindOf = (type: string | undefined) => type === "personal_chat" || type === "bot_chat" ? "direct" : "group";

function* roomOf(
  { id, type, name }: Chat & { id: string },
  number: string,
  own: string | undefined,
  people: Set<string>,
): Generator<ExportRecord> {
  const kind = kindOf(type);
  yield {
    type: "room",
    id,
    kind,
    is_public: /^public_/.test(type ?? ""),
    name: name ?? (type === "saved_messages" ? "Saved Messages" : null),
    authors_are_members: true,
  };
  if (kind !== "direct") return;
  const other = `user${number}`;
  if (!people.has(other)) {
    people.add(other);
    yield { type: "person", id: other, name };
  }
  yield { type: "member", room: id, person: other };
  if (own) yield { type: "member", room: id, person: own };
}

function* messagesOf(
  { id: room }: Chat & { id: string },
  value: unknown,
  { file, name, people, zone }: { file: string; name: string; people: Set<string>; zone: string | undefined },
): Generator<ExportRecord> {
  const parsed = line.safeParse(value);
  if (!parsed.success) {
    yield unreadMessage(name, parsed.error);
    return;
  }
  const said = parsed.data;
  const from = said.from_id ?? said.actor_id;
  const sender = from == null ? null : typeof from === "number" ? `user${from}` : from;
  const shown = said.from ?? said.actor;
  if (sender && !people.has(sender)) {
    people.add(sender);
    yield { type: "person", id: sender, name: shown ?? "Deleted Account" };
  }
  const sentAt = timeOf(said.date, said.date_unixtime, zone);
  yield { ...messageOf(room, sender, sentAt, said, zone), files: filesOf(file, said) };
  if (said.action === "pin_message" && said.message_id != null) {
    yield { type: "pin", room, message: said.message_id, by: sender, at: sentAt };
  }
}

function messageOf(room: string, sender: string | null, sentAt: string, said: Line, zone: string | undefined): Message {
  const { reactions, action, reply_to_message_id, reply_to_peer_id } = said;
  return {
    type: "message",
    room,
    id: said.id,
    sender,
    sent_at: sentAt,
    text: said.type === "service" ? happened(said) : [writtenText(said), otherText(said)].filter(Boolean).join("\n"),
    reply_to: reply_to_peer_id == null ? reply_to_message_id : null,
    edited_at: said.edited || said.edited_unixtime ? timeOf(said.edited ?? "", said.edited_unixtime, zone) : null,
    forwarded_from: said.forwarded_from,
    reactions: reactions?.map(({ emoji, document_id, type, count, recent }) => ({
      emoji: emoji ?? document_id ?? type ?? "?",
      people: recent?.flatMap(({ from_id }) => from_id ?? []),
      count,
    })),
    system: said.type === "service" ? action ?? "service" : null,
  };
}

function filesOf(result: string, said: Line): NamedFile[] {
  const { file, photo, file_name, media_type, mime_type, duration_seconds, width, height } = said;
  if (media_type === "sticker") return [];
  return [file, photo].filter((path) => path != null).map((path) => ({
    name: path === file && file_name || nameOf(path, said),
    ...(!path.startsWith("(") && {
      path: besideOf(result, path),
      ...(path === file && { mime_type, duration_ms: duration_seconds && duration_seconds * 1000 }),
      ...{ width, height },
    }),
  }));
}

/** Of a file that is not in the export there is a sentence that says so. */
const nameOf = (path: string, { media_type, photo }: Line) =>
  path.startsWith("(") ? `${media_type ?? (photo ? "photo" : "file")}, not in the export` : path.split("/").at(-1)!;

function writtenText({ text }: Line): string {
  if (!Array.isArray(text)) return text ?? "";
  return text.map((part) => {
    if (typeof part === "string") return part;
    return part.type === "text_link" && part.href && part.href !== part.text
      ? `${part.text} (${part.href})`
      : part.text;
  }).join("");
}

function otherText(
  { media_type, sticker_emoji, location_information: place, contact_information: contact, poll }: Line,
): string {
  return [
    media_type === "sticker" && `[sticker${sticker_emoji ? ` ${sticker_emoji}` : ""}]`,
    place && `https://www.openstreetmap.org/?mlat=${place.latitude}&mlon=${place.longitude}`,
    contact && `[contact: ${[contact.first_name, contact.last_name, contact.phone_number].filter(Boolean).join(" ")}]`,
    poll && [`[poll: ${poll.question}]`, ...(poll.answers ?? []).map(({ text }) => `- ${text}`)].join("\n"),
  ].filter(Boolean).join("\n");
}

function happened({ action, actor, title, members }: Line): string {
  const words = [
    actor,
    (action ?? "service").replaceAll("_", " "),
    title && `"${title}"`,
    members?.filter(Boolean).join(", "),
  ];
  return words.filter(Boolean).join(" ");
}

function timeOf(date: string, unixtime: string | null | undefined, zone: string | undefined): string {
  const seconds = Number(unixtime);
  if (unixtime && Number.isFinite(seconds)) return new Date(seconds * 1000).toISOString();
  if (zone === undefined) {
    throw new Refusal(
      "This export of Telegram is of an old version, whose times have no time zone: say --zone, such as Europe/Berlin.",
    );
  }
  const local = Date.parse(`${date}Z`);
  return Number.isNaN(local) ? date : inZone(local, zone);
}
