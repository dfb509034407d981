import type { Kind } from "./models.ts";
import { clean, MAX_LENGTH, partsOf } from "../writer/texts.ts";
import { type Keys, placeOf, timeOf } from "./keys.ts";
import { isTrue } from "./people.ts";
import {
  forwardsOf,
  marksKindOf,
  marksOf,
  membersOf,
  messagesOf,
  pinsOf,
  type Range,
  roomsOf,
  statusesOf,
} from "./queries.ts";
import type { Recognised } from "./recognise.ts";
import type { Report } from "../writer/report.ts";
import { pagesOf, type Row, type Source } from "./sources/source.ts";
import { stage, type Staged } from "../writer/stage.ts";
import type { Target } from "../writer/target.ts";
import { writeInUnits } from "../writer/units.ts";
import { writeApart } from "../writer/write_apart.ts";

/** When something was, if nothing says it. */
const EARLIEST = "1970-01-01";

/** The lowest number that the database has. */
const LOWEST = 1n << 63n;

const DIRECT_TYPES = ["private", "direct", "personal", "dialog", "p2p", "one_to_one", "dm", "one-to-one", "individual"];

/** What imports rooms. */
export interface RoomImport {
  kind: Kind;
  source: Source;
  target: Target;
  report: Report;
  keys: Keys;
  models: Recognised["models"];
  /** Receives how many messages were read. */
  onRead: (count: number) => void;
  /** Receives how many messages were written. */
  onMessages: (count: number) => void;
}

/** Imports the rooms with their members, messages, marks and pins, some rooms at a time. */
export async function importRooms(run: RoomImport): Promise<void> {
  await writeInUnits(pagesOf(run.source, (page) => roomsOf(run.models, page)), {
    countOf: ({ messages }) => Number(messages),
    write: (rooms) => importUnit(run, rooms),
    onMessages: run.onMessages,
  });
  if ("forwarded" in run.models.message!.columns) await linkForwards(run);
}

const importUnit = (run: RoomImport, rooms: Row[]) =>
  writeApart(rooms, { kind: "room", report: run.report, write: (some) => writeUnit(run, some) });

async function writeUnit(run: RoomImport, rooms: Row[]): Promise<void> {
  const { models, source, target } = run;
  const range: Range = { first: rooms[0]!.id!, last: rooms.at(-1)!.id! };
  const delivered = await deliveredOf(run, range);
  const newRooms = models.message!.isNewer ? await target.newRooms(rooms.map(({ id }) => run.keys.numberOf(id)!)) : [];
  const messages = source.rows(messagesOf(models, range, newRooms.map((number) => run.keys.keyOf(number))));
  await target.unit(async (transaction) => {
    await stage(transaction, "stage_rooms", rooms.map((room) => stagedRoom(run, room)));
    await stage(transaction, "stage_members", stagedMembers(run, source.rows(membersOf(models, range)), delivered));
    await stage(transaction, "stage_messages", stagedMessages(run, messages));
    if (models.pin) await stage(transaction, "stage_pins", stagedPins(run, source.rows(pinsOf(models, range))));
    await target.write(transaction, "rooms");
  });
}

function stagedRoom({ kind, keys, models }: RoomImport, row: Row): Staged {
  return {
    source_id: keys.numberOf(row.id),
    hint: hintOf(kind, row),
    marks: marksKindOf(models),
    name: clean(row.name),
    description: clean(row.description),
    owner: keys.numberOf(row.owner),
    created_at: timeOf(row.created_at),
  };
}

/** What a room is. Nothing private becomes public: in mini-chat everybody could join every other room. */
function hintOf(kind: Kind, { type, is_group, is_private, name, description }: Row): "direct" | "private" | "public" {
  if (type != null && DIRECT_TYPES.includes(type.toLowerCase())) return "direct";
  if (kind === "mini-chat") {
    if (/^Чат: .+ и .+$/s.test(name ?? "") || /^Прямой чат между /.test(description ?? "")) return "direct";
    // A room without a name was never listed for others.
    return !name ? "direct" : isTrue(is_private) ? "private" : "public";
  }
  if (type != null) return "private";
  if (is_group != null) return isTrue(is_group) ? "private" : "direct";
  return kind === "social" || !name ? "direct" : "private";
}

/** How far the members of rooms have read and received. */
type Marks = Map<string, { read?: number; delivered?: number }>;

async function deliveredOf({ models, source }: RoomImport, range: Range): Promise<Marks> {
  const marks: Marks = new Map();
  const isUuid = models.message!.isUuid;
  const place = (message: string | null | undefined) => isUuid ? placeOf(message) : Number(message ?? 0);
  if (models.status) {
    for await (const rows of source.rows(statusesOf(models, range))) {
      for (const { room, person, read, delivered } of rows) {
        marks.set(`${room} ${person}`, { read: place(read), delivered: place(delivered) });
      }
    }
  }
  if (models.mark) {
    for await (const rows of source.rows(marksOf(models, range))) {
      for (const { room, person, message } of rows) {
        const known = marks.get(`${room} ${person}`);
        // A mark says more than the states: it says that what follows is unread. Some backends have an empty one of everybody.
        if (message === null && known) continue;
        marks.set(`${room} ${person}`, { ...known, read: place(message) });
      }
    }
  }
  return marks;
}

async function* stagedMembers(
  { keys }: RoomImport,
  batches: AsyncIterable<Row[]>,
  marks: Marks,
): AsyncGenerator<Staged> {
  let place = 0;
  for await (const rows of batches) {
    for (const { room, person, role, is_admin, joined_at } of rows) {
      const { read, delivered } = marks.get(`${room} ${person}`) ?? {};
      const known = /^(owner|creator)$/i.test(role ?? "")
        ? "owner"
        : /^(admin|administrator|moderator)$/i.test(role ?? "") || isTrue(is_admin)
        ? "admin"
        : "member";
      yield {
        room: keys.numberOf(room),
        person: keys.numberOf(person),
        place: place++,
        role: known,
        joined_at: timeOf(joined_at),
        read_id: read,
        delivered_id: delivered,
      };
    }
  }
}

async function* stagedMessages(
  { keys, models, onRead }: RoomImport,
  batches: AsyncIterable<Row[]>,
): AsyncGenerator<Staged> {
  const { isUuid } = models.message!;
  for await (const rows of batches) {
    onRead(rows.length);
    for (const row of rows) yield* stagedMessage(row, keys, isUuid ? placeOf(row.created_at) : row.id!);
  }
}

function* stagedMessage(row: Row, keys: Keys, place: string | number): Generator<Staged> {
  const created_at = timeOf(row.created_at);
  const [edited_at, deleted_at] = [timeOf(row.edited_at), timeOf(row.deleted_at)];
  const [id, room, sender, forwarded, forwarded_sender, reply] = [
    ...[row.id, row.room, row.sender, row.forwarded, row.forwarded_sender, row.reply],
  ].map((key) => keys.numberOf(key));
  const isDeleted = isTrue(row.is_deleted) || row.deleted_at != null;
  const deletedAt = isDeleted ? deleted_at ?? edited_at ?? created_at ?? EARLIEST : null;
  // Where nothing else is said, `updated_at` is the time of each write, and not that of an edit.
  const isEdited = row.is_edited == null ? false : isTrue(row.is_edited);
  const editedAt = isEdited ? edited_at ?? created_at ?? EARLIEST : null;
  const isRead = row.is_read == null || isTrue(row.is_read);
  for (const [part, content] of partsOf(clean(row.text) ?? "").entries()) {
    yield {
      room,
      source_id: part === 0 ? id : String(-(BigInt(id!) * 1024n + BigInt(part)) % LOWEST),
      message: id,
      part,
      place,
      sender,
      content,
      ...(part === 0 &&
        { forwarded, forwarded_sender, forwarded_content: clean(row.forwarded_text)?.slice(0, MAX_LENGTH) }),
      reply,
      created_at,
      edited_at: editedAt,
      deleted_at: deletedAt,
      is_read: isRead,
    };
  }
}

async function* stagedPins({ keys }: RoomImport, batches: AsyncIterable<Row[]>): AsyncGenerator<Staged> {
  for await (const rows of batches) {
    for (const row of rows) {
      const [room, id, message, person] = [row.room, row.id, row.message, row.person].map((key) => keys.numberOf(key));
      yield { room, source_id: id, message, person, pinned_at: timeOf(row.pinned_at) };
    }
  }
}

/** A forward may have come before its original, which is in another room. */
async function linkForwards({ keys, models, source, target }: RoomImport): Promise<void> {
  for await (const rows of source.rows(forwardsOf(models))) {
    await target.unit(async (transaction) => {
      await stage(
        transaction,
        "stage_messages",
        rows.map(({ id, forwarded }) => ({
          source_id: keys.numberOf(id),
          forwarded: keys.numberOf(forwarded),
        })),
      );
      await target.write(transaction, "forwards");
    });
  }
}
