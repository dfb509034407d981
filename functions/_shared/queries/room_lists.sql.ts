import type { Claims } from "../auth/tokens.ts";
import { notFound } from "../base/errors.ts";
import { readAsUser, type Sql, type Statement } from "../db/db.ts";
import { MAX_BYTES } from "../http/pagination.ts";

/** The order of a list of rooms, where chat.rooms is called `rooms`: the most recently active first. */
export const mostRecent = (sql: Sql) => sql`${mostRecentColumn(sql)} desc, rooms.id desc`;

/** When something was last said in a room. */
export const mostRecentColumn = (sql: Sql) => sql`coalesce(rooms.last_message_at, rooms.created_at)`;

/** A row of a page that may have been too long. */
export interface Sized {
  /** How many rows were selected for the page. */
  selected: number;
}

/**
 * As many of the rooms that a statement selects, in an order, as fit into one answer; with their `place` in it.
 * @param rooms has a column `bytes`.
 */
export const sizedRooms = (sql: Sql, rooms: Statement, order: Statement): Statement =>
  sql`
    select * from (
      select chosen.*, count(*) over () as selected, row_number() over (order by ${order}) as place,
        sum(bytes) over (order by ${order}) - bytes as bytes_before
      from (${rooms}) as chosen
    ) as sized
    where bytes_before < ${MAX_BYTES}`;

/**
 * Whether a list of rooms goes on after a page: it is full, or too long.
 * @param length how many rooms the page has.
 * @param selected how many were selected for it.
 */
export const goesOn = (length: number, selected: number | undefined, { limit }: { limit: number }) =>
  length === limit || (length > 0 && length < selected!);

/** A further condition on rooms in that order: those that come after the room with an id. */
export const roomsAfter = (sql: Sql, id: number | undefined) =>
  id === undefined ? sql`` : sql`and (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
    select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where id = ${id}
  )`;

/** Raises 404 for an empty page after a room that the caller can no longer see: it is not the end of the list. */
export async function requireCursor(claims: Claims, room: number | undefined): Promise<void> {
  if (room === undefined) return;
  const [[seen]] = await readAsUser(claims, (sql) => [sql`select from chat.rooms where id = ${room}`]);
  if (!seen) throw notFound("room_not_found");
}
