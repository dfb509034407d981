import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { type MyRoom, otherOf } from "../_shared/queries/my_rooms.sql.ts";
import type { ChatRoom } from "./schemas.ts";

/** A room as the API shows it. */
export function toRoom(row: MyRoom): z.infer<typeof ChatRoom> {
  const title = row.kind === "direct" ? otherOf(row)?.username ?? "" : row.name;
  return { id: row.id, name: row.slug, members: row.members.map(({ id }) => id), display_name: title };
}

/** Selects the id of the room with a name, when the caller is in it. */
export const roomNamed = (sql: Sql, name: string): Statement =>
  sql`select rooms.id from chat.rooms as rooms
    join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
    where rooms.slug = ${name}`;
