import { readFile } from "node:fs/promises";
import type { Sql, TransactionSql } from "postgres";
import { copyInto, type Value } from "../copy.ts";
import { importedId } from "../ids.ts";
import type { Message } from "./message.ts";

/** The result for one room. */
export interface LoadedRoom {
  id: string;
  name: string;
  slug: string;
  added: number;
  deleted: number;
  present: number;
  /** New messages that are older than existing ones: they are appended. */
  late: number;
}

/** The result of an import. */
export interface Loaded {
  rooms: LoadedRoom[];
  people: number;
  repeated: number;
  /** Message ids that occurred twice with different content. */
  differing: number;
}

interface Options {
  dryRun: boolean;
  onProgress: (step: string, part: number) => void;
}

const BATCH_SIZE = 1000;
const script = (name: string) => readFile(new URL(`./${name}.sql`, import.meta.url), "utf8");

class RolledBack extends Error {}

/** Loads the messages in one transaction; existing messages are unchanged. */
export async function load(sql: Sql, messages: AsyncIterable<Message>, options: Options): Promise<Loaded> {
  let loaded: Loaded | undefined;
  await sql.begin(async (transaction) => {
    await copy(transaction, messages);
    await transaction.unsafe(await script("prepare")).simple();
    await refuseForeignRooms(transaction);
    await insertMessages(transaction, options.onProgress);
    await transaction.unsafe(await script("finish")).simple();
    loaded = await summary(transaction);
    if (options.dryRun) throw new RolledBack();
  }).catch((error) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  if (!loaded) throw new Error("The import ended without a result.");
  return loaded;
}

async function copy(transaction: TransactionSql, messages: AsyncIterable<Message>): Promise<void> {
  await transaction`
    create temporary table import_messages (
      line bigint, source_room_id text, uri text, sent_at timestamptz,
      user_id uuid, source_user_id text, username text, message_id uuid, content text
    ) on commit drop`;
  await copyInto(transaction, "import_messages", rows(messages));
}

async function* rows(messages: AsyncIterable<Message>): AsyncGenerator<Value[]> {
  for await (const { line, roomId, uri, sentAt, userId, username, messageId, text } of messages) {
    const ids = [importedId(`gitter:user:${userId}`), userId, username, importedId(`gitter:message:${messageId}`)];
    yield [line, roomId, uri, sentAt, ...ids, text];
  }
}

/** A room that a user created is not the one in the file, even with the same slug. */
async function refuseForeignRooms(transaction: TransactionSql): Promise<void> {
  const [room] = await transaction`
    select slug from chat.rooms where id in (select room_id from import_rooms) and created_by is not null
    union all
    select slug from import_rooms group by slug having count(*) > 1`;
  if (room) throw new Error(`The slug ${room.slug} belongs to another room.`);
}

async function insertMessages(transaction: TransactionSql, onProgress: Options["onProgress"]): Promise<void> {
  const insert = await script("messages");
  const [{ total } = { total: 0 }] = await transaction<{ total: number }[]>`
    select count(*)::integer as total from import_numbered`;
  for (let done = 0; done < total; done += BATCH_SIZE) {
    onProgress("Storing messages", done / total);
    await transaction.unsafe(insert, [done, done + BATCH_SIZE]);
  }
  onProgress("Storing messages", 1);
}

async function summary(transaction: TransactionSql): Promise<Loaded> {
  const rooms = await transaction<LoadedRoom[]>`
    select
      rooms.room_id::text as id, rooms.uri as name, rooms.slug,
      count(numbered.place)::integer as added,
      (count(*) filter (where numbered.content !~ '\\S'))::integer as deleted,
      (count(*) - count(numbered.place))::integer as present,
      (count(*) filter (where numbered.sent_at < rooms.last_message_at))::integer as late
    from import_rooms as rooms
    join import_editions as editions using (source_room_id)
    left join import_numbered as numbered using (message_id)
    group by rooms.room_id, rooms.uri, rooms.slug
    order by rooms.room_id`;
  const [counts] = await transaction<Omit<Loaded, "rooms">[]>`
    select
      (select count(distinct user_id) from import_numbered)::integer as people,
      coalesce(sum(times - 1), 0)::integer as repeated,
      (count(*) filter (where editions > 1))::integer as differing
    from (
      select count(*) as times, count(distinct (content, sent_at, user_id)) as editions
      from import_messages group by message_id
    ) as ids`;
  return { people: 0, repeated: 0, differing: 0, ...counts, rooms };
}
