import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db.ts";
import type { MessageRow } from "../_shared/room-messages.sql.ts";
import type { Message } from "./schemas.ts";

/** In chats of more members than this, statuses are only counted. */
const LISTED_MEMBERS = 20;

/** How far messages are delivered to and read by a member or, in a large room, by all who are equally far. */
interface Marks {
  room_id: number;
  user: number | null;
  username: string | null;
  last_delivered_seq: number;
  last_read_seq: number;
  members: number;
}

/**
 * The marks of the members of rooms; of large rooms how many members share which, or nothing.
 * @param rooms selects ids of rooms.
 * @param count whether to count in large rooms, which takes longer the more members there are.
 */
export const markRows = (sql: Sql, rooms: Statement, count = true) =>
  sql<Marks[]>`
    select rooms.id as room_id, marks.*
    from chat.rooms as rooms
    cross join lateral (
      select people.number as user, people.username, listed.last_delivered_seq, listed.last_read_seq, 1 as members
      from chat.room_members as listed
      join chat.profiles as people on people.id = listed.user_id
      where listed.room_id = rooms.id and rooms.member_count <= ${LISTED_MEMBERS}
      union all
      select null, null, counted.last_delivered_seq, counted.last_read_seq, count(*)::integer
      from chat.room_members as counted
      where counted.room_id = rooms.id and rooms.member_count > ${LISTED_MEMBERS} and ${count}
      group by counted.last_delivered_seq, counted.last_read_seq
    ) as marks
    where rooms.id in (${rooms})
    order by marks.user`;

/** Messages in the shape of the document, in the order of the rows. `marks` are those of their rooms. */
export function toMessages(rows: MessageRow[], marks: Marks[]): z.infer<typeof Message>[] {
  const rooms = Map.groupBy(marks, (mark) => mark.room_id);
  return rows.map((row) => {
    const known = rooms.get(row.room_id) ?? [];
    return { ...shape(row), ...(known[0]?.user === null ? counted(row, known) : listed(row, known)) };
  });
}

/** The part of a message's shape that its row alone tells. */
const shape = (row: MessageRow) => ({
  id: row.id,
  chat: row.room_id,
  seq: row.seq,
  version: row.version,
  sender: row.sender,
  sender_username: row.sender_username ?? "",
  text: row.content,
  forwarded_from: row.forwarded_from_id,
  forwarded_from_username: row.forwarded_username,
  client_id: row.client_id,
  is_edited: row.edited_at !== null,
  edited_at: row.edited_at,
  is_deleted: row.deleted_at !== null,
  created_at: row.created_at,
});

function listed({ seq, sender }: MessageRow, members: Marks[]) {
  const statuses = [];
  let delivered_count = 0;
  let read_count = 0;
  for (const { user, username, last_delivered_seq, last_read_seq } of members) {
    if (user === sender) continue;
    const read = last_read_seq >= seq;
    const delivered = read || last_delivered_seq >= seq;
    if (read) read_count++;
    if (delivered) delivered_count++;
    // Marks have no times of their own.
    statuses.push({ user: user!, username: username!, delivered, read, delivered_at: null, read_at: null });
  }
  return { statuses, delivered_count, read_count };
}

/** The sender, who has always read up to their own message, does not count. */
function counted({ seq, sender_left }: MessageRow, shared: Marks[]) {
  let delivered_count = sender_left ? 0 : -1;
  let read_count = delivered_count;
  for (const { last_delivered_seq, last_read_seq, members } of shared) {
    if (last_delivered_seq >= seq) delivered_count += members;
    if (last_read_seq >= seq) read_count += members;
  }
  return { statuses: [], delivered_count, read_count };
}

/** Ids as Postgres reads an array, each once. */
export const idArray = (ids: number[]) => `{${[...new Set(ids)].join(",")}}`;
