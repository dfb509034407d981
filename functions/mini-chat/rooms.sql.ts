import type { z } from "@hono/zod-openapi";
import { notFound } from "../_shared/base/errors.ts";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { emailsOf, type User, userColumns } from "../_shared/queries/people.ts";
import { mostRecent, mostRecentColumn, roomsAfter, type Sized, sizedRooms } from "../_shared/queries/room_lists.sql.ts";
import type { Room } from "./schemas.ts";

/** How many participants of a room are shown; the caller is one of them. */
const MAX_SHOWN = 100;

interface RoomRow extends Sized {
  id: number;
  kind: "direct" | "group";
  name: string;
  description: string;
  created_at: string;
  is_public: boolean;
  member_count: number;
  creator: number | null;
  own_number: number;
  unread_count: number;
  participants: z.infer<typeof User>[];
}

/** About how long a room is in an answer. */
const bytes = (sql: Sql) =>
  sql`200 + 150 * least(rooms.member_count, ${MAX_SHOWN}) + octet_length(rooms.name) + octet_length(rooms.description)`;

/** The caller's rooms, the most recently active first. */
export const myRooms = (sql: Sql, { limit, before }: { limit: number; before?: number }) =>
  sizedRooms(
    sql,
    sql`
    select rooms.*, ${mostRecentColumn(sql)} as active_at, ${bytes(sql)} as bytes
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.user_id = (select auth.uid()) ${roomsAfter(sql, before)}
    order by ${mostRecent(sql)}
    limit ${limit}`,
    sql`active_at desc, id desc`,
  );

/** Public groups that the caller is not in, the newest first. */
export const joinableRooms = (sql: Sql, { limit, before }: { limit: number; before?: number }) =>
  sizedRooms(
    sql,
    sql`
    select rooms.*, ${bytes(sql)} as bytes
    from chat.rooms as rooms
    where rooms.is_public and rooms.id not in (select chat_private.my_room_ids())
      ${before === undefined ? sql`` : sql`and rooms.id < ${before}`}
    order by rooms.id desc
    limit ${limit}`,
    sql`id desc`,
  );

/** The room with an id, when the caller can see it. */
export const oneRoom = (sql: Sql, id: number) =>
  sql`select rooms.*, 0 as place, 1 as selected from chat.rooms as rooms where rooms.id = ${id}`;

/** Rooms with their participants, each person read once. `page` selects rows of chat.rooms and their `place`. */
export const roomRows = (sql: Sql, page: Statement) =>
  sql<RoomRow[]>`
    with page as materialized (${page}),
    -- Rows of a member, whom the policies let see the others.
    shown as materialized (
      select page.id as room_id, listed.user_id
      from page
      cross join lateral (
        (
          select own.user_id from chat.room_members as own
          where own.room_id = page.id and own.user_id = (select auth.uid())
        )
        union all
        (
          select others.user_id from chat.room_members as others
          where others.room_id = page.id and others.user_id <> (select auth.uid())
          order by others.user_id
          limit ${MAX_SHOWN - 1}
        )
      ) as listed
    ),
    people as materialized (
      select known.user_id, person.id, row_to_json(person) as person
      from ${emailsOf(sql, sql`select distinct user_id from shown`)} as known
      join chat.profiles as profiles on profiles.id = known.user_id
      cross join lateral (select ${userColumns(sql, sql`known.email`)}) as person
    ),
    lists as materialized (
      select shown.room_id, json_agg(people.person order by people.id) as participants
      from shown
      join people using (user_id)
      group by shown.room_id
    ),
    unread as materialized (select * from chat_private.my_unread_counts(array(select id from page)))
    select page.id, page.selected, page.kind, page.name, page.description, page.created_at, page.is_public, page.member_count,
      (select number from chat.profiles where id = page.created_by) as creator,
      coalesce(lists.participants, '[]') as participants,
      (select number from chat.profiles where id = (select auth.uid())) as own_number,
      coalesce(unread.unread_count, 0) as unread_count
    from page
    left join lists on lists.room_id = page.id
    left join unread on unread.room_id = page.id
    order by page.place`;

/** A room as the API shows it. */
export function toRoom(row: RoomRow): z.infer<typeof Room> {
  const isDirect = row.kind === "direct";
  const [name, description] = isDirect ? directNames(row) : [row.name, row.description];
  const other = isDirect && row.participants.find(({ id }) => id !== row.own_number);
  return {
    id: row.id,
    name,
    description,
    created_at: row.created_at,
    participants: row.participants,
    participants_count: row.member_count,
    is_direct: isDirect,
    is_public: row.is_public,
    chat_type: row.kind,
    other_participant: other || null,
    unread_count: row.unread_count,
  };
}

/** A direct room is named after its two people, who made it first; the same for both. */
function directNames({ name, description, participants, creator }: RoomRow): [string, string] {
  const isCreator = ({ id }: { id: number }) => Number(id === creator);
  const people = participants.toSorted((one, other) => isCreator(other) - isCreator(one));
  const names = people.map(({ username }) => username).join(" и ");
  return [name || `Чат: ${names}`, description || `Прямой чат между ${names}`];
}

/** The room of a statement that is about one. Raises 404 when there is none. */
export function found(row: RoomRow | undefined): z.infer<typeof Room> {
  if (!row) throw notFound("room_not_found");
  return toRoom(row);
}
