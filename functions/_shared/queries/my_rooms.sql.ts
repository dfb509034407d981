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

/** How far the caller has read, where their membership is called `mine`: others may not see it. */
export const ownReadSeq = (sql: Sql) =>
  sql`case when mine.shares_receipts then mine.last_read_seq else (chat_private.my_marks(mine)).last_read_seq end`;

/**
 * Rooms of the caller with their members, the most recently active first.
 * @param columns of chat.rooms as `rooms`, of the caller's membership as `mine`, and of what `joined` adds.
 * @param joined further joins.
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
    select rooms.id, ${mostRecentColumn(sql)} as active_at,
      100 + ${MEMBER_BYTES} * rooms.member_count::bigint
        + coalesce((select octet_length(content) from chat.messages where id = rooms.last_message_id), 0) as bytes
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.user_id = (select auth.uid()) ${one} ${roomsAfter(sql, before)}
    order by ${mostRecent(sql)}
    limit ${limit}`;
  return sql<(R & Roster)[]>`
    with page as materialized (${sizedRooms(sql, page, sql`active_at desc, id desc`)})
    select ${columns}, page.selected,
      (select number from chat.profiles where id = (select auth.uid())) as own_id,
      coalesce(kept.members, chat_private.roster(rooms.id, rooms.members_version)) as members
    from page
    join chat.room_members as mine on mine.room_id = page.id and mine.user_id = (select auth.uid())
    join chat.rooms as rooms on rooms.id = page.id
    ${joined}
    left join chat_private.my_rosters(array(select id from page)) as kept
      on kept.room_id = rooms.id and kept.members_version = rooms.members_version
    order by page.place`;
}

/** Who else is in a direct room, while their account stands. */
export const otherOf = ({ own_id, members }: Roster) => members.find((member) => member.id !== own_id);
