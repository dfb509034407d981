import { asUser, type Sql } from "./db.ts";
import { notFound } from "./errors.ts";
import type { Claims } from "./tokens.ts";

/** The order of a list of rooms, where chat.rooms is called `rooms`: the most recently active first. */
export const mostRecent = (sql: Sql) => sql`coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc`;

/** A further condition on rooms in that order: those that come after the room with an id. */
export const roomsAfter = (sql: Sql, id: number | undefined) =>
  id === undefined ? sql`` : sql`and (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
    select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where id = ${id}
  )`;

/** An empty page after a room that is gone for the caller is not the end of the list. Raises 404. */
export async function requireCursor(claims: Claims, room: number | undefined): Promise<void> {
  if (room === undefined) return;
  const [[seen]] = await asUser(claims, (sql) => [sql`select from chat.rooms where id = ${room}`]);
  if (!seen) throw notFound("room_not_found");
}
