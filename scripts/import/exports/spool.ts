import type { DatabaseSync, SqlValue } from "node:sqlite";
import { temporaryDatabase } from "../temporary_database.ts";
import type { Report } from "../writer/report.ts";
import type { Attachment } from "./files.ts";
import type { ExportRecord, Member, Message, Person, Pin, Room } from "./records.ts";

/** How far a clock may be ahead. */
const AHEAD_MS = 5 * 60_000;
/** Before that, nobody had a chat. */
const EARLIEST_MS = Date.UTC(1900, 0);
/** Without reading the JSON; in a text the quotes would be escaped. */
const HAS_FILES = `messages.data like '%"files":[{%' and messages.data like '%"path":"%'`;
const HAS_REACTIONS = `messages.data like '%"reactions":[{%'`;
const TIMES = ["created_at", "joined_at", "read_at", "at", "edited_at", "deleted_at"] as const;

/** Which messages are not read: those of before a time, of rooms that have come before. */
export interface Older {
  since: Date;
  isKnown: (room: string) => boolean;
}

/** A message that names files of the export. */
export interface Naming {
  number: number;
  room: string;
  message: Message;
}

/** A room as it was read: its place, what is known of it, and how many messages it has. */
export interface SpooledRoom {
  id: string;
  number: number;
  room: Room | undefined;
  messages: number;
}

/**
 * The records of an export in a temporary database, so that they can be read room by room and in the order of their times,
 * however large the export is and in whichever order it has them.
 */
export class Spool {
  readonly #database: DatabaseSync = temporaryDatabase();
  readonly #rooms = new Map<string, number>();
  readonly #statements;
  readonly #latest = (Date.now() + AHEAD_MS) * 1000;
  /** How many records of each kind there were; of what occurs twice, the last counts. */
  readonly counts: Record<"person" | "room" | "member" | "message" | "pin" | "file", number> = {
    person: 0,
    room: 0,
    member: 0,
    message: 0,
    pin: 0,
    file: 0,
  };
  /** How many of each kind could not be kept. */
  readonly #refused = { person: 0, room: 0, member: 0, message: 0, pin: 0 };

  /** How many messages were older than what is read. */
  skipped = 0;
  /** The time of the newest message, in milliseconds. */
  newest: number | undefined;

  constructor(private readonly report: Report, private readonly older?: Older) {
    const database = this.#database;
    database.exec(`
      pragma cache_size = -32000;
      create table people (number integer primary key, id text unique, data text);
      create table rooms (number integer primary key, id text unique, data text);
      create table members (number integer primary key, room integer, person text, data text, unique (room, person));
      create table messages (
        number integer primary key, room integer, id text, at integer, sender text, data text, unique (room, id)
      );
      create table reactions (message text, emoji text, person text, primary key (message, emoji, person)) without rowid;
      create table pins (room integer, message text, data text, primary key (room, message)) without rowid;
      create table attachments (message integer, place integer, data text, primary key (message, place)) without rowid;
      begin`);
    this.#statements = {
      person: database.prepare(
        "insert into people (id, data) values (?, ?) on conflict (id) do update set data = excluded.data",
      ),
      room: database.prepare(
        "insert into rooms (id, data) values (?, ?) on conflict (id) do update set data = coalesce(excluded.data, data)",
      ),
      roomNumber: database.prepare("select number from rooms where id = ?"),
      member: database.prepare(`
        insert into members (room, person, data) values (?, ?, ?) on conflict (room, person) do update set data = excluded.data`),
      message: database.prepare(`
        insert into messages (room, id, at, sender, data) values (?, ?, ?, ?, ?)
        on conflict (room, id) do update set at = excluded.at, sender = excluded.sender, data = excluded.data`),
      messageWith: database.prepare("select number from messages where room = ? and id = ?"),
      reaction: database.prepare("insert or ignore into reactions values (?, ?, ?)"),
      attach: database.prepare("insert or replace into attachments values (?, ?, ?)"),
      attachments: database.prepare("select place, data from attachments where message = ?"),
      pin: database.prepare("insert or replace into pins values (?, ?, ?)"),
    };
  }

  /** Keeps a record, or reports why not. */
  add(record: ExportRecord): void {
    if (record.type === "person" || record.type === "room") this.#checkTimes(record, record.type, String(record.id));
    else if (record.type === "member") this.#checkTimes(record, "member", `${record.room}/${record.person}`);
    else if (record.type === "pin") this.#checkTimes(record, "pin", `${record.room}/${record.message}`);
    if (record.type === "unread") {
      const { kind, id, reason, detail } = record;
      if (kind in this.#refused) this.#refused[kind as Exclude<keyof typeof this.counts, "file">]++;
      this.report.add({ kind, source_id: id, reason, is_lost: true, detail });
    } else if (record.type === "person") {
      this.#statements.person.run(record.id as string, JSON.stringify(record));
    } else if (record.type === "room") {
      this.#number(String(record.id), JSON.stringify(record));
    } else if (record.type === "member") {
      this.#statements.member.run(this.#number(String(record.room)), String(record.person), JSON.stringify(record));
    } else if (record.type === "reaction") {
      const { message, emoji, person } = record;
      this.#statements.reaction.run(String(message), emoji, String(person ?? ""));
    } else if (record.type === "pin") {
      this.#statements.pin.run(this.#number(String(record.room)), String(record.message), JSON.stringify(record));
    } else this.#addMessage(record);
  }

  #addMessage(message: Message): void {
    const at = microsecondsOf(message.sent_at);
    const refuse = (reason: string) => {
      this.#refused.message++;
      this.report.add({
        kind: "message",
        source_id: `${message.room}/${message.id}`,
        reason,
        is_lost: true,
        detail: message.sent_at,
      });
    };
    if (at === undefined) return refuse("a time that cannot be read");
    if (at > this.#latest) return refuse("a time in the future");
    if (this.newest === undefined || at > this.newest * 1000) this.newest = at / 1000;
    if (this.#isOlder(message, at)) {
      this.skipped++;
      return;
    }
    const kept = { ...message, sent_at: timeOf(at) };
    this.#checkTimes(kept, "message", `${message.room}/${message.id}`);
    // When it was deleted is not known, but that it was.
    if (message.deleted_at && !kept.deleted_at) kept.deleted_at = kept.sent_at;
    const sender = message.sender == null ? null : String(message.sender);
    const number = this.#number(String(message.room));
    if (kept.id_may_repeat) kept.id = this.#freeId(number, String(kept.id));
    this.#statements.message.run(number, String(kept.id), at, sender, JSON.stringify(kept));
  }

  /** What was edited or deleted later is not older. */
  #isOlder({ room, edited_at, deleted_at }: Message, at: number): boolean {
    if (!this.older) return false;
    const since = this.older.since.getTime() * 1000;
    const isBefore = (time: string | null | undefined) => !time || !((microsecondsOf(time) ?? 0) >= since);
    return at < since && isBefore(edited_at) && isBefore(deleted_at) && this.older.isKnown(String(room));
  }

  /** Leaves out the other times that cannot be read, or are in the future. */
  #checkTimes(record: Partial<Record<(typeof TIMES)[number], string | null>>, kind: string, id: string): void {
    for (const field of TIMES) {
      const time = record[field];
      if (!time) continue;
      const at = microsecondsOf(time);
      if (at !== undefined && at <= this.#latest) {
        record[field] = timeOf(at);
        continue;
      }
      const reason = `${field} of a ${kind}, which cannot be read or is in the future`;
      this.report.add({ kind: "time", source_id: id, reason, is_lost: true, detail: time });
      record[field] = null;
    }
  }

  #freeId(room: number, id: string): string {
    let free = id;
    for (let count = 2; this.#statements.messageWith.get(room, free); count++) free = `${id}#${count}`;
    return free;
  }

  #number(id: string, data: string | null = null): number {
    const known = this.#rooms.get(id);
    if (known !== undefined && data === null) return known;
    this.#statements.room.run(id, data);
    const number = Number(this.#statements.roomNumber.get(id)!.number);
    this.#rooms.set(id, number);
    return number;
  }

  /** To be called when all records were added. */
  finish(): void {
    this.#database.exec(`
      update messages set data = json_set(data, '$.reactions', json((
        select json_group_array(json_object('emoji', emoji, 'people', json(people), 'count', count)) from (
          select emoji, json_group_array(person) filter (where person <> '') as people, count(*) as count
          from reactions where message = messages.id group by emoji
        )
      ))) where id in (select message from reactions);
      create table naming (room integer, message integer, paths integer, primary key (room, message)) without rowid;
      insert into naming
      select room, number, (select count(*) from json_each(data, '$.files') as file where file.value ->> 'path' is not null)
      from messages
      where ${HAS_FILES} and data ->> 'deleted_at' is null;
      delete from naming where paths = 0;
      create index messages_in_order on messages (room, at, number);
      -- Of some people the export has only the id.
      insert or ignore into people (id) select person from members;
      insert or ignore into people (id) select distinct sender from messages where sender is not null;
      insert or ignore into people (id)
      select person.value from messages, json_each(messages.data, '$.reactions') as reaction, json_each(reaction.value, '$.people') as person
      where ${HAS_REACTIONS};
      insert or ignore into members (room, person)
      select room, sender from messages join rooms on rooms.number = room
      where sender is not null and rooms.data ->> 'authors_are_members'
      group by room, sender order by min(at);
      commit`);
    const strayed = "select message, emoji from reactions where message not in (select id from messages)";
    for (const { message, emoji } of this.#database.prepare(strayed).iterate()) {
      // It may be one to an older message.
      if (this.older) continue;
      const reason = "a reaction to a message that is not here";
      this.report.add({ kind: "reaction", source_id: String(message), reason, is_lost: true, detail: String(emoji) });
    }
    const tables = { person: "people", room: "rooms", member: "members", message: "messages", pin: "pins" };
    for (const [kind, table] of Object.entries(tables) as [keyof typeof tables, string][]) {
      const { count } = this.#database.prepare(`select count(*) as count from ${table}`).get()!;
      this.counts[kind] = Number(count) + this.#refused[kind];
    }
    const { files } = this.#database.prepare("select coalesce(sum(paths), 0) as files from naming").get()!;
    this.counts.file = Number(files);
  }

  /** The people, a thousand at a time. */
  *people(): Generator<(Person & { id: string })[]> {
    yield* this.#batches("select id, data from people order by number", [], ({ id, data }) => ({
      ...(data === null ? { type: "person" } : JSON.parse(String(data))),
      id: String(id),
    }));
  }

  /** The rooms, a thousand at a time. */
  *rooms(): Generator<SpooledRoom[]> {
    const statement = `
      select number, id, data, (select count(*) from messages where room = rooms.number) as messages
      from rooms order by number`;
    yield* this.#batches(statement, [], ({ number, id, data, messages }) => ({
      number: Number(number),
      id: String(id),
      room: data === null ? undefined : JSON.parse(String(data)),
      messages: Number(messages),
    }));
  }

  /** The members of the rooms with numbers from `first` to `last`; `readPlace` is that of the last message that was read. */
  *members(
    first: number,
    last: number,
  ): Generator<{ room: string; person: string; member?: Member; readPlace?: number }> {
    const place = this.#database.prepare(`
      select count(*) as place from messages, (select at, number from messages where room = ? and id = ?) as read
      where room = ? and (messages.at, messages.number) <= (read.at, read.number)`);
    const placeAt = this.#database.prepare("select count(*) as place from messages where room = ? and at <= ?");
    const statement = `
      select rooms.id as room_id, members.* from members join rooms on rooms.number = room
      where room between ? and ? order by room, members.number`;
    for (const batch of this.#batches(statement, [first, last], (row) => row)) {
      for (const { room_id, room, person, data } of batch) {
        const member: Member | undefined = data === null ? undefined : JSON.parse(String(data));
        const readAt = member?.read_at ? microsecondsOf(member.read_at) : undefined;
        const read = member?.read != null
          ? place.get(room!, String(member.read), room!)
          : readAt === undefined
          ? undefined
          : placeAt.get(room!, readAt);
        yield { room: String(room_id), person: String(person), member, readPlace: read && Number(read.place) };
      }
    }
  }

  /** The messages of the rooms with numbers from `first` to `last`, each room in the order of its times. */
  *messages(
    first: number,
    last: number,
  ): Generator<{ room: string; message: Message; place: number; attachments: Map<number, Attachment> }> {
    let current: SqlValue = null;
    let place = 0;
    for (const row of this.#messageRows(first, last)) {
      place = row.room === current ? place + 1 : 1;
      current = row.room!;
      const message: Message = JSON.parse(String(row.data));
      const attachments = message.files?.length ? this.#attachmentsOf(row.number!) : new Map();
      yield { room: String(row.room_id), message, place, attachments };
    }
  }

  /** The paths of files that messages name. */
  *paths(): Generator<string> {
    const statement = `
      select file.value ->> 'path' as path from naming
      join messages on messages.number = message, json_each(messages.data, '$.files') as file
      where path is not null`;
    for (const { path } of this.#database.prepare(statement).iterate()) yield String(path);
  }

  /** Those of the messages that name files, some at a time. */
  *messagesWithFiles(first: number, last: number): Generator<Naming[]> {
    const statement = `
      select messages.number, rooms.id, messages.data from naming
      join messages on messages.number = message join rooms on rooms.number = naming.room
      where naming.room between ? and ? order by naming.room, message`;
    yield* this.#batches(statement, [first, last], ({ number, id, data }) => ({
      number: Number(number),
      room: String(id),
      message: JSON.parse(String(data)),
    }));
  }

  /** Notes what a file of a message becomes; `place` is which of its files it is. */
  attach({ number }: Naming, place: number, attachment: Attachment): void {
    this.#statements.attach.run(number, place, JSON.stringify(attachment));
  }

  /** How many files of a room come, or are here. */
  attachmentsIn(room: number): number {
    const statement = this.#database.prepare(
      "select count(*) as count from naming join attachments using (message) where room = ?",
    );
    return Number(statement.get(room)!.count);
  }

  #attachmentsOf(message: SqlValue): Map<number, Attachment> {
    const rows = this.#statements.attachments.all(message);
    return new Map(rows.map(({ place, data }) => [Number(place), JSON.parse(String(data))]));
  }

  /** Those of the messages that have reactions. */
  *messagesWithReactions(first: number, last: number): Generator<{ room: string; message: Message }> {
    for (const { room_id, data } of this.#messageRows(first, last, `and ${HAS_REACTIONS}`)) {
      yield { room: String(room_id), message: JSON.parse(String(data)) };
    }
  }

  #messageRows(first: number, last: number, condition = "") {
    const statement = `
      select rooms.id as room_id, rooms.number as room, messages.number, messages.data from rooms
      join messages on messages.room = rooms.number
      where rooms.number between ? and ? ${condition} order by messages.room, messages.at, messages.number`;
    return this.#database.prepare(statement).iterate(first, last);
  }

  /** The pins of the rooms with numbers from `first` to `last`. */
  *pins(first: number, last: number): Generator<{ room: string; pin: Pin }> {
    const statement = `
      select rooms.id as room_id, pins.data from pins join rooms on rooms.number = room
      where room between ? and ? order by room, message`;
    for (const batch of this.#batches(statement, [first, last], (row) => row)) {
      for (const { room_id, data } of batch) yield { room: String(room_id), pin: JSON.parse(String(data)) };
    }
  }

  /** Removes what is left of it. */
  remove(): void {
    this.#database.close();
  }

  *#batches<T>(
    statement: string,
    values: SqlValue[],
    map: (row: Record<string, SqlValue>) => T,
  ): Generator<T[]> {
    let batch: T[] = [];
    for (const row of this.#database.prepare(statement).iterate(...values)) {
      batch.push(map(row));
      if (batch.length < 1000) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}

/** A time as a number that orders; Date knows no microseconds. */
function microsecondsOf(time: string): number | undefined {
  const milliseconds = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
  if (!(milliseconds >= EARLIEST_MS)) return;
  const more = /\.\d{3}(\d{1,3})/.exec(time)?.[1];
  return milliseconds * 1000 + (more ? Number(more.padEnd(3, "0")) : 0);
}

function timeOf(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, "0");
  return new Date(milliseconds).toISOString().replace("Z", `${rest}Z`);
}
