import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db.ts";
import type { ChatRoom } from "./schemas.ts";

interface RoomRow {
  id: number;
  slug: string;
  kind: "direct" | "group";
  title: string;
  own_id: number;
  members: { id: number; username: string }[];
}

/** Rooms of the caller, the most recently active first: all of them before a cursor, or the one with an id. */
export function roomRows(sql: Sql, { only, before, limit = 1 }: { only?: number; before?: number; limit?: number }) {
  const one = only === undefined ? sql`` : sql`and rooms.id = ${only}`;
  const page = before === undefined ? sql`` : sql`and (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
    select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where id = ${before}
  )`;
  return sql<RoomRow[]>`
    select rooms.id, rooms.slug, rooms.kind, rooms.name as title,
      (select number from chat.profiles where id = (select auth.uid())) as own_id,
      coalesce(kept.members, chat_private.roster(rooms.id, rooms.members_version)) as members
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    left join chat_private.my_rosters(${only ?? null}) as kept
      on kept.room_id = rooms.id and kept.members_version = rooms.members_version
    where mine.user_id = (select auth.uid()) ${one} ${page}
    order by coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc
    limit ${limit}`;
}

/** A room in the shape of the document. */
export function toRoom({ id, slug, kind, title, own_id, members }: RoomRow): z.infer<typeof ChatRoom> {
  const other = kind === "direct" && members.find((member) => member.id !== own_id);
  return { id, name: slug, members: members.map(({ id }) => id), display_name: other ? other.username : title };
}

/** Selects the id of the room with a name, when the caller is in it. */
export const roomNamed = (sql: Sql, name: string): Statement =>
  sql`select rooms.id from chat.rooms as rooms
    join chat.room_members as mine on mine.room_id = rooms.id and mine.user_id = (select auth.uid())
    where rooms.slug = ${name}`;
