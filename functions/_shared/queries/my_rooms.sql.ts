import type { Sql, Statement } from "../db/db.ts";
import { MEMBER_BYTES, mostRecent, mostRecentColumn, roomsAfter, type Sized, sizedRooms } from "./room_lists.sql.ts";

/** Which of the caller's rooms: all of them before a cursor, or the one with an id. */
export interface RoomPage {
  only?: number;
  before?: number;
  limit?: number;
}

/** The columns of each row besides the selected ones. */
export interface Roster extends Sized {
  own_id: number;
  members: { id: number; username: string }[];
}

/**
 * How far the caller has read, which other members may not see.
 * @param mine the caller's membership, a row of chat.room_members.
 */
export const ownReadSeq = (sql: Sql, mine: Statement = sql`mine`) =>
  sql`case when ${mine}.shares_receipts then ${mine}.last_read_seq
    else (chat_private.my_marks(${mine})).last_read_seq end`;

/**
 * Rooms of the caller with their members, the most recently active first.
 * @param columns of `rooms`: a row of chat.rooms with the caller's membership as `mine`, and `last_id`, `last_text` and
 * `last_at` of the last message.
 * @param joined further joins, for the rooms of `page`.
 */
export function myRooms<R>(
  sql: Sql,
  { only, before, limit = 1 }: RoomPage,
  columns: Statement,
  joined: Statement = sql``,
) {
  const one = only === undefined ? sql`` : sql`and rooms.id = ${only}`;
  // The page first, so that details are read only for its rooms.
  const page = sql`
    select rooms.*, last.id as last_id, last.content as last_text, last.created_at as last_at,
      100 + ${MEMBER_BYTES} * rooms.member_count::bigint + coalesce(octet_length(last.content), 0) as bytes
    from (
      select rooms.*, mine, ${mostRecentColumn(sql)} as active_at
      from chat.room_members as mine
      join chat.rooms as rooms on rooms.id = mine.room_id
      where mine.user_id = (select auth.uid()) ${one} ${roomsAfter(sql, before)}
      order by ${mostRecent(sql)}
      limit ${limit}
    ) as rooms
    left join chat.messages as last on last.id = rooms.last_message_id`;
  return sql<(R & Roster)[]>`
    with page as materialized (${sizedRooms(sql, page, sql`active_at desc, id desc`)})
    select ${columns}, rooms.selected,
      (select number from chat.profiles where id = (select auth.uid())) as own_id,
      coalesce(kept.members, chat_private.roster(rooms.id, rooms.members_version)) as members
    from page as rooms
    ${joined}
    left join chat_private.my_rosters(array(select id from page)) as kept
      on kept.room_id = rooms.id and kept.members_version = rooms.members_version
    order by rooms.place`;
}

/** Who else is in a direct room, while their account stands. */
export const otherOf = ({ own_id, members }: Roster) => members.find((member) => member.id !== own_id);
