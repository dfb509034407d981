import type { z } from "@hono/zod-openapi";
import { asUser, type Sql, type Statement } from "../_shared/db.ts";
import type { Claims } from "../_shared/tokens.ts";
import { type MessageRow, shape } from "./messages.sql.ts";
import type { Message } from "./schemas.ts";

/** In chats of more members than this, statuses are only counted. */
const LISTED_MEMBERS = 20;

/** How far messages are delivered to and read by a member, or by several who are equally far. */
interface Marks {
  room_id: number;
  last_delivered_seq: number;
  last_read_seq: number;
}
interface MemberMarks extends Marks {
  user: number;
  username: string;
}
interface SharedMarks extends Marks {
  members: number;
}

/**
 * The marks of the members of rooms: of all, or in a large room of one more than are listed.
 * @param rooms selects ids of rooms.
 */
export const markRows = (sql: Sql, rooms: Statement) =>
  sql<MemberMarks[]>`
    select rooms.id as room_id, people.number as user, people.username, marks.last_delivered_seq, marks.last_read_seq
    from (${rooms}) as rooms (id)
    cross join lateral (
      select * from chat.room_members as members where members.room_id = rooms.id limit ${LISTED_MEMBERS + 1}
    ) as marks
    join chat.profiles as people on people.id = marks.user_id
    order by people.number`;

/** Messages in the shape of the document, in the order of the rows. `marks` are those of their rooms. */
export async function toMessages(
  claims: Claims,
  rows: MessageRow[],
  marks: MemberMarks[],
): Promise<z.infer<typeof Message>[]> {
  const members = Map.groupBy(marks, (mark) => mark.room_id);
  const isLarge = ({ room_id }: MessageRow) => (members.get(room_id)?.length ?? 0) > LISTED_MEMBERS;
  const large = rows.filter((row) => isLarge(row) && !row.created);
  const count = large.length > 0 ? await counter(claims, large) : () => NONE;
  return rows.map((row) => ({
    ...shape(row),
    ...(isLarge(row) ? { statuses: [], ...count(row) } : listed(row, members.get(row.room_id) ?? [])),
  }));
}

const NONE = { delivered_count: 0, read_count: 0 };

function listed({ seq, sender }: MessageRow, members: MemberMarks[]) {
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
    statuses.push({ user, username, delivered, read, delivered_at: null, read_at: null });
  }
  return { statuses, delivered_count, read_count };
}

/** Counts for large rooms, from how many members share the same marks; the sender does not count. */
async function counter(claims: Claims, rows: MessageRow[]) {
  const ids = idArray(rows.map((row) => row.room_id));
  const senders = idArray(rows.flatMap((row) => row.sender ?? []));
  const [shared, present] = await asUser(claims, (sql) => [
    sql<SharedMarks[]>`
      select room_id, last_delivered_seq, last_read_seq, count(*)::integer as members
      from chat.room_members where room_id = any (${ids}::bigint[])
      group by room_id, last_delivered_seq, last_read_seq`,
    sql<MemberMarks[]>`
      select marks.room_id, people.number as user, marks.last_delivered_seq, marks.last_read_seq
      from chat.profiles as people
      join chat.room_members as marks on marks.user_id = people.id
      where people.number = any (${senders}::bigint[]) and marks.room_id = any (${ids}::bigint[])`,
  ]);
  return ({ room_id, seq, sender }: MessageRow) => {
    const own = present.find((mark) => mark.room_id === room_id && mark.user === sender);
    const reach = (mark: "last_delivered_seq" | "last_read_seq") =>
      shared.reduce((sum, all) => all.room_id === room_id && all[mark] >= seq ? sum + all.members : sum, 0) -
      (own && own[mark] >= seq ? 1 : 0);
    return { delivered_count: reach("last_delivered_seq"), read_count: reach("last_read_seq") };
  };
}

/** Ids as Postgres reads an array, each once. */
export const idArray = (ids: number[]) => `{${[...new Set(ids)].join(",")}}`;
