import type { Sql } from "./db.ts";

/** The order of a list of rooms, where chat.rooms is called `rooms`: the most recently active first. */
export const mostRecent = (sql: Sql) => sql`coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc`;

/** A further condition on rooms in that order: those that come after the room with an id. */
export const roomsAfter = (sql: Sql, id: number | undefined) =>
  id === undefined ? sql`` : sql`and (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
    select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where id = ${id}
  )`;
