import { z } from "zod";

// What an export says, in the words of Parley: each format has a reader that yields these, in any order. docs/moving/parley.md
// documents them, since they are also a format of their own.

const id = z.union([z.string().min(1), z.number().int()]).transform(String);
const text = z.string().nullish();
const time = z.iso.datetime({ offset: true, local: true });
const optionalTime = time.nullish();

const person = z.object({
  type: z.literal("person"),
  id,
  username: text,
  /** The whole name, if its parts are not known. */
  name: text,
  first_name: text,
  last_name: text,
  email: text,
  bio: text,
  avatar_url: text,
  created_at: optionalTime,
});

const room = z.object({
  type: z.literal("room"),
  id,
  kind: z.enum(["direct", "group"]),
  /** A room of which this is not known is private. */
  is_public: z.boolean().nullish(),
  name: text,
  description: text,
  owner: id.nullish(),
  created_at: optionalTime,
  /** Whether the export has no list of members: then everybody who wrote is one. */
  authors_are_members: z.boolean().nullish(),
});

const member = z.object({
  type: z.literal("member"),
  room: id,
  person: id,
  role: z.enum(["owner", "admin", "member"]).nullish(),
  joined_at: optionalTime,
  /** The last message that was read, or until when everything was. */
  read: id.nullish(),
  read_at: optionalTime,
});

const file = z.object({
  name: z.string(),
  url: text,
  /** Where it is in the export, if the export has it. */
  path: text,
  mime_type: text,
  width: z.number().nullish(),
  height: z.number().nullish(),
  duration_ms: z.number().nullish(),
});

const message = z.object({
  type: z.literal("message"),
  room: id,
  id,
  /** Whether another message may have the same id, since the source has none: then it is not that message again. */
  id_may_repeat: z.boolean().nullish(),
  /** Nobody, if the chat itself says it. */
  sender: id.nullish(),
  sent_at: time,
  text: z.string().default(""),
  reply_to: id.nullish(),
  edited_at: optionalTime,
  deleted_at: optionalTime,
  reactions: z.array(z.object({ emoji: z.string(), people: z.array(id).nullish(), count: z.number().nullish() }))
    .nullish(),
  files: z.array(file).nullish(),
  forwarded_from: text,
  /** What has happened, of a message that nobody wrote. */
  system: text,
});

const pin = z.object({
  type: z.literal("pin"),
  room: id,
  message: id,
  by: id.nullish(),
  at: optionalTime,
});

/** A reaction of which the source does not say in which room its message is. */
const reaction = z.object({
  type: z.literal("reaction"),
  message: id,
  emoji: z.string(),
  person: id.nullish(),
});

/** A line of the format `parley`. */
export const record = z.discriminatedUnion("type", [person, room, member, message, pin]);

export type Person = z.input<typeof person>;
export type Room = z.input<typeof room>;
export type Member = z.input<typeof member>;
export type NamedFile = z.input<typeof file>;
export type Message = z.input<typeof message>;
export type Pin = z.input<typeof pin>;
export type Reaction = z.input<typeof reaction>;

/** What a reader cannot make a record of. */
export interface Unread {
  type: "unread";
  kind: string;
  id: string;
  reason: string;
  detail?: string;
}

/** How a value differs from its schema. */
export const detailOf = ({ issues: [issue] }: z.ZodError): string => `${issue!.path.join(".")}: ${issue!.message}`;

/** Reports a message that differs from its schema. */
export const unreadMessage = (id: string, error: z.ZodError): Unread => ({
  type: "unread",
  kind: "message",
  id,
  reason: "a message that cannot be read",
  detail: detailOf(error),
});

export type ExportRecord = Person | Room | Member | Message | Pin | Reaction | Unread;
