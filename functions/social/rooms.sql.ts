import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { myRooms, otherOf, type RoomPage, type Roster } from "../_shared/queries/my_rooms.sql.ts";
import type { ChatRoom } from "./schemas.ts";

interface RoomRow extends Roster {
  id: number;
  slug: string;
  kind: "direct" | "group";
  title: string;
}

/** Rooms of the caller, the most recently active first. */
export const roomRows = (sql: Sql, page: RoomPage) =>
  myRooms<RoomRow>(sql, page, sql`rooms.id, rooms.slug, rooms.kind, rooms.name as title`);

/** A room as the API shows it. */
export function toRoom(row: RoomRow): z.infer<typeof ChatRoom> {
  const title = row.kind === "direct" ? otherOf(row)?.username ?? "" : row.title;
  return { id: row.id, name: row.slug, members: row.members.map(({ id }) => id), display_name: title };
}

/** Selects the id of the room with a name, when the caller is in it. */
export const roomNamed = (sql: Sql, name: string): Statement =>
  sql`select rooms.id from chat.rooms as rooms
    join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
    where rooms.slug = ${name}`;
