import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db.ts";
import type { Message } from "./schemas.ts";

/** From this many members on, statuses are only counted. */
const LISTED_MEMBERS = 20;

/** A member's id, username, and how far messages are delivered to and read by them. */
type Marks = [id: number, username: string, delivered: number, read: number];
/** How many members share the same marks. */
type Counts = [members: number, delivered: number, read: number];

/** A message with its sender; the first one of each room brings the marks of the members. */
export interface MessageRow {
  id: number;
  room_id: number;
  seq: number;
  version: number;
  content: string;
  forwarded_from_id: number | null;
  forwarded_username: string | null;
  client_id: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  sender: number | null;
  sender_username: string | null;
  sender_stays: boolean | null;
  /** Made by this very statement. */
  created: boolean;
  members: Marks[] | null;
  counts: Counts[] | null;
}

/**
 * Reads messages as the API shows them.
 * @param page selects rows of chat.messages, of any rooms.
 * @param order how the rows are ordered.
 * @param extra further columns.
 */
export const messageRows = <R extends MessageRow = MessageRow>(
  sql: Sql,
  page: Statement,
  order: Statement = sql`page.seq`,
  extra: Statement = sql``,
) =>
  sql<R[]>`
    with page as materialized (${page}),
    audiences as (
      select rooms.id, rooms.member_count,
        case when rooms.member_count <= ${LISTED_MEMBERS} then (
          select json_agg(
            json_build_array(people.number, people.username, marks.last_delivered_seq, marks.last_read_seq)
            order by people.number
          )
          from chat.room_members as marks
          join chat.profiles as people on people.id = marks.user_id
          where marks.room_id = rooms.id
        ) end as members,
        case when rooms.member_count > ${LISTED_MEMBERS} then (
          select json_agg(json_build_array(alike.members, alike.last_delivered_seq, alike.last_read_seq))
          from (
            select count(*) as members, marks.last_delivered_seq, marks.last_read_seq
            from chat.room_members as marks
            where marks.room_id = rooms.id
            group by marks.last_delivered_seq, marks.last_read_seq
          ) as alike
        ) end as counts
      from chat.rooms as rooms
      where rooms.id in (select page.room_id from page)
    )
    select page.id, page.room_id, page.seq, page.version, page.content, page.forwarded_from_id,
      page.forwarded_username, page.client_id, page.created_at, page.edited_at, page.deleted_at,
      page.created_at = now() as created, senders.number as sender, senders.username as sender_username,
      case when audiences.counts is not null then exists (
        select from chat.room_members as sending
        where sending.room_id = page.room_id and sending.user_id = page.sender_id
      ) end as sender_stays,
      case when first_of_room then audiences.members end as members,
      case when first_of_room then audiences.counts end as counts
      ${extra}
    from (select page.*, row_number() over (partition by page.room_id) = 1 as first_of_room from page) as page
    join audiences on audiences.id = page.room_id
    left join chat.profiles as senders on senders.id = page.sender_id
    order by ${order}`;

/** Messages in the shape of the document, in the order of the rows. */
export function toMessages(rows: MessageRow[]): z.infer<typeof Message>[] {
  const audiences = new Map(rows.filter((row) => row.members ?? row.counts).map((row) => [row.room_id, row]));
  return rows.map((row) => {
    const { members, counts } = audiences.get(row.room_id)!;
    return { ...shape(row), ...(members ? listed(row, members) : counted(row, counts ?? [])) };
  });
}

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
  for (const [user, username, deliveredSeq, readSeq] of members) {
    if (user === sender) continue;
    const read = readSeq >= seq;
    const delivered = read || deliveredSeq >= seq;
    if (read) read_count++;
    if (delivered) delivered_count++;
    // Marks have no times of their own.
    statuses.push({ user, username, delivered, read, delivered_at: null, read_at: null });
  }
  return { statuses, delivered_count, read_count };
}

/** A sender who is still a member has read their own message, which does not count. */
function counted({ seq, sender_stays }: MessageRow, counts: Counts[]) {
  let delivered_count = sender_stays ? -1 : 0;
  let read_count = delivered_count;
  for (const [members, deliveredSeq, readSeq] of counts) {
    if (readSeq >= seq) read_count += members;
    if (Math.max(deliveredSeq, readSeq) >= seq) delivered_count += members;
  }
  return { statuses: [], delivered_count: Math.max(delivered_count, 0), read_count: Math.max(read_count, 0) };
}
