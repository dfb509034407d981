import type { Report } from "../writer/report.ts";
import { stage, type Staged } from "../writer/stage.ts";
import type { Target } from "../writer/target.ts";
import { clean, partsOf } from "../writer/texts.ts";
import { writeInUnits } from "../writer/units.ts";
import { writeApart } from "../writer/write_apart.ts";
import { emojiOf } from "./emoji.ts";
import { numberOf } from "./hashes.ts";
import type { MessageFiles } from "./files.ts";
import type { Message, NamedFile } from "./records.ts";
import type { Spool, SpooledRoom } from "./spool.ts";

/** A column holds 16,384 bytes. */
const MAX_METADATA_LENGTH = 15_000;

/** What imports rooms. */
export interface RoomImport {
  spool: Spool;
  target: Target;
  report: Report;
  files: MessageFiles;
  /** Whether public rooms become private. */
  isPrivate: boolean;
  /** Receives how many messages were written. */
  onMessages: (count: number) => void;
}

const roomNumber = (room: string) => numberOf("room", room);
const personNumber = (person: string | number | null | undefined) =>
  person == null ? null : numberOf("person", String(person));
const messageNumber = (room: string, message: string | number) => numberOf("message", room, String(message));

/** Imports the rooms with their members, messages and pins, some rooms at a time. */
export const importRooms = (run: RoomImport): Promise<void> =>
  writeInUnits(run.spool.rooms(), {
    countOf: ({ messages }) => messages,
    write: async (rooms) => {
      await run.files.prepare(rooms[0]!.number, rooms.at(-1)!.number);
      await writeUnit(run, rooms);
    },
    onMessages: run.onMessages,
  });

const writeUnit = ({ spool, target, report, isPrivate }: RoomImport, rooms: SpooledRoom[]) =>
  writeApart(rooms, {
    kind: "room",
    report,
    onLost: ({ id, number, messages }) => {
      const lost = (kind: string, many: number) => {
        const reason = `a ${kind} of a room that is left out`;
        for (let count = 0; count < many; count++) report.add({ kind, source_id: id, reason, is_lost: true });
      };
      lost("message", messages);
      lost("file", spool.attachmentsIn(number));
    },
    write: (some) =>
      target.unit(async (transaction) => {
        const [first, last] = [some[0]!.number, some.at(-1)!.number];
        const marked = new Set<string>();
        await stage(transaction, "stage_members", stagedMembers(spool.members(first, last), marked));
        await stage(transaction, "stage_rooms", some.map((room) => stagedRoom(room, isPrivate, marked)));
        await stage(transaction, "stage_messages", stagedMessages(spool.messages(first, last), report));
        await stage(transaction, "stage_files", stagedFiles(spool.messages(first, last)));
        await stage(transaction, "stage_reactions", stagedReactions(spool.messagesWithReactions(first, last)));
        await stage(transaction, "stage_pins", stagedPins(spool.pins(first, last)));
        await target.write(transaction, "rooms");
      }),
  });

function stagedRoom({ id, room }: SpooledRoom, isPrivate: boolean, marked: Set<string>): Staged {
  const isDirect = room?.kind === "direct";
  return {
    source_id: roomNumber(id),
    hint: isDirect ? "direct" : room?.is_public && !isPrivate ? "public" : "private",
    // Where an export knows nothing of what was read, all of it was.
    marks: marked.has(id) ? "kept" : "all",
    name: isDirect ? null : clean(room?.name) ?? null,
    description: clean(room?.description),
    owner: personNumber(room?.owner),
    created_at: room?.created_at,
  };
}

function* stagedMembers(members: ReturnType<Spool["members"]>, marked: Set<string>): Generator<Staged> {
  let place = 0;
  for (const { room, person, member, readPlace } of members) {
    if (readPlace !== undefined) marked.add(room);
    yield {
      room: roomNumber(room),
      person: personNumber(person),
      place: place++,
      role: member?.role ?? "member",
      joined_at: member?.joined_at,
      read_id: readPlace,
    };
  }
}

function* stagedMessages(messages: ReturnType<Spool["messages"]>, report: Report): Generator<Staged> {
  for (const { room, message: whole, place, attachments } of messages) {
    const message = { ...whole, files: whole.files?.filter((_, place) => !attachments.has(place)).map(linkOf) };
    const number = messageNumber(room, message.id);
    const isDeleted = message.deleted_at != null;
    for (const [part, content] of partsOf(isDeleted ? "" : textOf(message)).entries()) {
      yield {
        room: roomNumber(room),
        source_id: part === 0 ? number : `-${messageNumber(room, `${message.id}\0${part}`)}`,
        message: number,
        part,
        place,
        sender: personNumber(message.sender),
        content,
        reply: message.reply_to == null ? null : messageNumber(room, message.reply_to),
        created_at: message.sent_at,
        edited_at: message.edited_at,
        deleted_at: message.deleted_at,
        is_read: true,
        metadata: part === 0 ? metadataOf(room, message, report) : undefined,
      };
    }
  }
}

const linkOf = ({ name, url }: NamedFile): NamedFile => ({ name, ...(url !== undefined && { url }) });

function* stagedFiles(messages: ReturnType<Spool["messages"]>): Generator<Staged> {
  for (const { room, message, attachments } of messages) {
    for (const [place, attachment] of attachments) {
      yield { room: roomNumber(room), message: messageNumber(room, message.id), place, ...attachment };
    }
  }
}

/** The text, with the names of those files below it that are not here. */
function textOf({ text, files, forwarded_from }: Message): string {
  const lines = (files ?? []).map(({ name, url }) => `[file: ${name}]${url ? ` ${url}` : ""}`);
  const origin = forwarded_from ? [`[forwarded from ${forwarded_from}]`] : [];
  return clean([...origin, ...(text?.trim() ? [text] : []), ...lines].join("\n"))!;
}

/** What Parley has no column for yet is kept beside the message, as `imported`. */
function metadataOf(room: string, message: Message, report: Report): Record<string, unknown> | undefined {
  const { files, forwarded_from, system } = message;
  const reactions = message.reactions?.filter((reaction) => !isWhole(reaction));
  for (const { emoji } of reactions ?? []) {
    const reason = "by unknown people, or not an emoji here: it is kept in the metadata of the message";
    report.add({ kind: "reaction", source_id: `${room}/${message.id}`, reason, is_lost: false, detail: emoji });
  }
  const imported = Object.fromEntries(
    Object.entries({ reactions, files, forwarded_from, system }).filter(([, value]) =>
      value != null && (!Array.isArray(value) || value.length > 0)
    ),
  );
  if (Object.keys(imported).length === 0) return;
  const metadata = JSON.parse(
    clean(JSON.stringify({ imported }, (_, value) => typeof value === "string" ? clean(value) : value))!,
  );
  if (Buffer.byteLength(JSON.stringify(metadata)) <= MAX_METADATA_LENGTH) return metadata;
  report.add({
    kind: "reaction",
    source_id: `${room}/${message.id}`,
    reason: "more reactions and files of one message than are kept",
    is_lost: true,
  });
}

type Reaction = NonNullable<Message["reactions"]>[number];

/** Who has put which emoji on a message, as far as the export says it. */
const reactionsOf = ({ emoji, people }: Reaction) => {
  const known = emojiOf(emoji);
  return known === undefined ? [] : (people ?? []).map((person) => ({ person: String(person), emoji: known }));
};

/** Whether a reaction comes whole: it is an emoji, and of people who are known. */
const isWhole = (reaction: Reaction) => {
  const { length } = reactionsOf(reaction);
  return length > 0 && length >= (reaction.count ?? 0);
};

function* stagedReactions(messages: ReturnType<Spool["messagesWithReactions"]>): Generator<Staged> {
  for (const { room, message } of messages) {
    let place = 0;
    for (const { person, emoji } of (message.reactions ?? []).flatMap(reactionsOf)) {
      yield {
        room: roomNumber(room),
        message: messageNumber(room, message.id),
        person: personNumber(person),
        emoji,
        place: place++,
      };
    }
  }
}

function* stagedPins(pins: ReturnType<Spool["pins"]>): Generator<Staged> {
  for (const { room, pin: { message, by, at } } of pins) {
    yield {
      room: roomNumber(room),
      source_id: numberOf("pin", room, String(message)),
      message: messageNumber(room, message),
      person: personNumber(by),
      pinned_at: at,
    };
  }
}
