import type { z } from "@hono/zod-openapi";
import { asUser, type Sql, type Statement } from "../_shared/db.ts";
import { type User, userColumns } from "../_shared/people.ts";
import { type MessagePage, messagePage, type MessageRow, messageRows } from "../_shared/room-messages.sql.ts";
import type { Claims } from "../_shared/tokens.ts";
import type { HistoryMessage, Message } from "./schemas.ts";

interface SaidRow extends MessageRow {
  person: z.infer<typeof User> | null;
}

/** Messages in order, with who sent them, each person read once. `page` selects rows of chat.messages. */
export const saidRows = (sql: Sql, page: Statement) =>
  messageRows<SaidRow>(
    sql,
    sql`
      with chosen as materialized (${page}),
      people as materialized (
        select known.sender_id, row_to_json(person) as person
        from (select distinct sender_id from chosen) as known
        join chat.profiles as profiles on profiles.id = known.sender_id
        cross join lateral (select ${userColumns(sql)}) as person
      )
      select chosen.*, people.person from chosen left join people using (sender_id)`,
    sql`page.seq`,
    sql`, page.person`,
  );

/** How far a room is read: by the caller, and by all others; null without others. */
interface Marks {
  own_id: number;
  own_seq: number;
  others_seq: number | null;
}

/** The marks of a room of the caller; no row when they are not in it. */
export const markRows = (sql: Sql, room: number) =>
  sql<Marks[]>`
    select (select number from chat.profiles where id = mine.user_id) as own_id, mine.last_read_seq as own_seq,
      (
        select min(others.last_read_seq) from chat.room_members as others
        where others.room_id = mine.room_id and others.user_id <> mine.user_id
      ) as others_seq
    from chat.room_members as mine
    where mine.room_id = ${room} and mine.user_id = (select auth.uid())`;

/** Marks the messages of a page as read; writes nothing where all of the room is read already. */
export const readUpTo = (sql: Sql, page: MessagePage) =>
  sql`
    select chat.mark_read(
      rooms.id, coalesce((select max(page.seq) from (${messagePage(sql, page)}) as page), 0)
    )
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.room_id = ${page.room} and mine.user_id = (select auth.uid()) and mine.last_read_seq < rooms.last_seq`;

/** A message as the history of a room shows it; without marks, as one that nobody has read. */
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
  };
}

/** A message as it is listed and sent. */
export const toMessage = (row: SaidRow, marks?: Marks): z.infer<typeof Message> => ({
  ...toHistoryMessage(row, marks),
  room: row.room_id,
  user_username: row.sender_username ?? "",
});

/**
 * Refuses who may not read a room.
 * @throws ApiError 404 `room_not_found`; 403 `not_a_member` for a public group that was not joined.
 */
export async function requireMember(claims: Claims, room: number): Promise<void> {
  await asUser(claims, (sql) => [sql`select chat_private.require_role(${room})`]);
}
