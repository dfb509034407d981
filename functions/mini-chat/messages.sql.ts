import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { arrayOf } from "../_shared/db/arrays.ts";
import { asUser, readAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { shownAttachments } from "../_shared/files/attachments.ts";
import { keyset } from "../_shared/queries/keyset.sql.ts";
import { ownReadSeq } from "../_shared/queries/my_rooms.sql.ts";
import { emailsOf, type User, userColumns } from "../_shared/queries/people.ts";
import {
  type MessagePage,
  messagePage,
  type MessageRow,
  messageRows,
  withinBytes,
} from "../_shared/queries/room_messages.sql.ts";
import { touch } from "./presence.ts";
import { FILES, type HistoryMessage, type Message } from "./schemas.ts";

interface SaidRow extends MessageRow {
  person: z.infer<typeof User> | null;
}

/** Messages in order, with who sent them, each person read once. `page` selects rows of chat.messages. */
export const saidRows = (sql: Sql, page: Statement, order = sql`page.seq`) =>
  messageRows<SaidRow>(
    sql,
    sql`
      with chosen as materialized (${page}),
      people as materialized (
        select known.user_id as sender_id, row_to_json(person) as person
        from ${emailsOf(sql, sql`select distinct sender_id from chosen`)} as known
        join chat.profiles as profiles on profiles.id = known.user_id
        cross join lateral (select ${userColumns(sql, sql`known.email`)}) as person
      )
      select chosen.*, people.person from chosen left join people using (sender_id)`,
    order,
    sql`, page.person`,
  );

/** How far the order of ids may differ from that of a room: as many as can write into it at once. */
const MAX_AT_ONCE = 100;

/** Selects the newest messages of all rooms of the caller, or those just before or after one, by their ids. */
export function pageOfAll(sql: Sql, { limit, ...page }: Omit<MessagePage, "room">): Statement {
  const { bound, direction } = keyset(sql, page, sql`messages.id`);
  const rows = sql`
    select * from chat.messages where id = any (array(
      select newest.id from chat.room_members as mine
      cross join lateral (
        select messages.id from chat.messages as messages
        where messages.room_id = mine.room_id ${bound}
        order by messages.seq ${direction}
        limit ${limit + MAX_AT_ONCE}
      ) as newest
      where mine.user_id = (select auth.uid())
      order by newest.id ${direction}
      limit ${limit}
    ))`;
  return withinBytes(sql, rows, sql`id ${direction}`);
}

/** How far a room is read: by the caller, and by all others; null without others. */
interface Marks {
  room_id: number;
  own_id: number;
  own_seq: number;
  others_seq: number | null;
}

/** The marks of rooms of the caller; no row of those that they are not in. */
export const markRows = (sql: Sql, ...rooms: number[]) =>
  sql<Marks[]>`
    select mine.room_id, (select number from chat.profiles where id = mine.user_id) as own_id, ${
    ownReadSeq(sql)
  } as own_seq,
      (
        select min(others.last_read_seq) from chat.room_members as others
        where others.room_id = mine.room_id and others.user_id <> mine.user_id
      ) as others_seq
    from chat.room_members as mine
    where mine.room_id = any (${arrayOf(rooms)}::bigint[]) and mine.user_id = (select auth.uid())`;

/** Marks the messages of a page as read; writes nothing where all of the room is read already. */
export const readUpTo = (sql: Sql, page: MessagePage) =>
  sql`
    select chat.mark_read(
      rooms.id, coalesce((select max(page.seq) from (${messagePage(sql, page)}) as page), 0)
    )
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.room_id = ${page.room} and mine.user_id = (select auth.uid()) and ${ownReadSeq(sql)} < rooms.last_seq`;

/** A message as the history of a room shows it; without marks, as unread. */
export function toHistoryMessage(row: SaidRow, marks?: Marks): z.infer<typeof HistoryMessage> {
  const readUpTo = row.sender === marks?.own_id ? marks?.others_seq : marks?.own_seq;
  return {
    id: row.id,
    content: row.content,
    user: row.person,
    timestamp: row.created_at,
    is_read: (readUpTo ?? 0) >= row.seq,
    seq: row.seq,
    client_id: row.client_id,
    is_edited: row.edited_at !== null,
    is_deleted: row.deleted_at !== null,
    attachments: shownAttachments(row.attachments, FILES),
  };
}

/** A message as it is listed and sent. */
export const toMessage = (row: SaidRow, marks?: Marks): z.infer<typeof Message> => ({
  ...toHistoryMessage(row, marks),
  room: row.room_id,
  user_username: row.sender_username ?? "",
});

/** A page of the messages of all rooms of the caller, whom it marks as online. */
export async function listAll(claims: Claims, page: Omit<MessagePage, "room">): Promise<z.infer<typeof Message>[]> {
  const [, rows] = await readAsUser(claims, (sql) => [touch(sql), saidRows(sql, pageOfAll(sql, page), sql`page.id`)]);
  const rooms = [...new Set(rows.map(({ room_id }) => room_id))];
  const lastSeqs = new Map(rows.map(({ room_id, seq }) => [room_id, seq]));
  const [marks] = await readAsUser(claims, (sql) => [
    markRows(sql, ...rooms),
    sql`select chat_private.listed(room_id, seq)
      from unnest(${`{${[...lastSeqs.keys()]}}`}::bigint[], ${`{${[
      ...lastSeqs.values(),
    ]}}`}::bigint[]) as last (room_id, seq)
      order by room_id`,
  ]);
  const byRoom = new Map(marks.map((mark) => [mark.room_id, mark]));
  return rows.map((row) => toMessage(row, byRoom.get(row.room_id)));
}

/**
 * Refuses a caller who may not read a room.
 * @throws ApiError 404 `room_not_found`; 403 `not_a_member` for a public group that was not joined.
 */
export async function requireMember(claims: Claims, room: number): Promise<void> {
  await asUser(claims, (sql) => [sql`select chat_private.require_role(${room})`]);
}
