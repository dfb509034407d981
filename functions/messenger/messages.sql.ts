import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { jsonList } from "../_shared/http/json_list.ts";
import { type MessagePage, messagePage } from "../_shared/queries/room_messages.sql.ts";
import type { Message } from "./schemas.ts";

/** In chats of more members than this, statuses are only counted. */
const MAX_LISTED_MEMBERS = 20;

/**
 * Messages as the API shows them. Who has read them is counted by binary search in the marks of the room, since
 * a page has as many messages as a room has members; the sender does not count.
 * @param page selects rows of chat.messages.
 * @param order how the messages are ordered.
 * @param extra further columns.
 */
export const messages = <Extra = unknown>(
  sql: Sql,
  page: Statement,
  order: Statement = sql`page.seq`,
  extra: Statement = sql``,
) =>
  sql<(z.infer<typeof Message> & Extra)[]>`
    with page as materialized (${page}),
    members as materialized (
      select room_id, user_id, last_read_seq, last_read_at, read_after_seq,
        greatest(last_read_seq, last_delivered_seq) as last_delivered_seq, last_delivered_at, delivered_after_seq
      from (select distinct room_id from page) as rooms (id)
      -- The offset keeps this a look-up by room: a join may read the members of all rooms.
      cross join lateral (select * from chat.room_members where room_id = rooms.id offset 0) as members
    ),
    marks as materialized (
      select room_id, count(*)::integer as members, array_agg(last_read_seq order by last_read_seq) as reads,
        array_agg(last_delivered_seq order by last_delivered_seq) as deliveries
      from members group by room_id
    )
    select ${columns(sql)},
      case when marks.members <= ${MAX_LISTED_MEMBERS} then ${statuses(sql)} else '[]' end as statuses,
      greatest(marks.members - width_bucket(page.seq - 1, marks.deliveries) - own.has, 0) as delivered_count,
      greatest(marks.members - width_bucket(page.seq - 1, marks.reads) - own.has_read, 0) as read_count
      ${extra}
    from page
    left join marks using (room_id)
    left join chat.profiles as senders on senders.id = page.sender_id
    left join members as sender on sender.room_id = page.room_id and sender.user_id = page.sender_id
    cross join lateral (
      select ((sender.last_delivered_seq >= page.seq) is true)::integer as has,
        ((sender.last_read_seq >= page.seq) is true)::integer as has_read
    ) as own
    order by ${order}`;

/** A page of the messages of a room as one list in JSON; up to its last one they are then delivered to the caller. */
export const messageList = (sql: Sql, page: MessagePage & { room: number }) =>
  jsonList(sql, messages(sql, messagePage(sql, page)), sql`chat_private.listed(${page.room}, max(list.seq))`);

/** The columns of a message itself. */
const columns = (sql: Sql) =>
  sql`page.id, page.room_id as chat, page.seq, page.version, senders.number as sender,
    coalesce(senders.username, '') as sender_username, page.content as text, page.reply_to_id as reply_to,
    page.forwarded_from_id as forwarded_from,
    case when page.forwarded_from_id is not null then
      chat_private.forwarded_name(page.forwarded_from_id, page.forwarded_sender_id, page.forwarded_username)
    end as forwarded_from_username,
    page.client_id,
    page.edited_at is not null as is_edited, ${iso(sql, sql`page.edited_at`)} as edited_at,
    page.deleted_at is not null as is_deleted, ${iso(sql, sql`page.created_at`)} as created_at`;

/** Of the other members of a message's room. The time is known of what the last movement of a mark passed. */
const statuses = (sql: Sql) =>
  sql`(
    select coalesce(
      json_agg(
        json_build_object(
          'user', people.number, 'username', people.username,
          'delivered', members.last_delivered_seq >= page.seq, 'read', members.last_read_seq >= page.seq,
          'delivered_at', case when page.seq > members.delivered_after_seq and page.seq <= members.last_delivered_seq
            then ${iso(sql, sql`members.last_delivered_at`)} end,
          'read_at', case when page.seq > members.read_after_seq and page.seq <= members.last_read_seq
            then ${iso(sql, sql`members.last_read_at`)} end
        )
        order by people.number
      ),
      '[]'
    )
    from members
    cross join lateral (select number, username from chat.profiles where id = members.user_id offset 0) as people
    where members.room_id = page.room_id and members.user_id is distinct from page.sender_id
  )`;

/** A time as `djangoTime` writes it: Postgres itself writes other times into JSON. */
const iso = (sql: Sql, time: Statement) =>
  sql`replace(to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`;

/** A message that this statement sends; otherwise `created` is false. No one has received it, so there are no marks. */
export const sentMessage = (sql: Sql, send: Statement) =>
  sql<(Omit<z.infer<typeof Message>, "statuses"> & { created: boolean })[]>`
    select ${columns(sql)}, 0 as delivered_count, 0 as read_count, ${isNew(sql)} as created
    from (${send}) as page
    left join chat.profiles as senders on senders.id = page.sender_id`;

/** The statuses of a message that the caller has just sent to a room: of all others, if they are few. */
export const newStatuses = (sql: Sql, room: number) =>
  sql<z.infer<typeof Message>["statuses"]>`
    select people.number as user, people.username, false as delivered, false as read,
      null as delivered_at, null as read_at
    from chat.rooms as rooms
    join chat.room_members as members on members.room_id = rooms.id
    cross join lateral (select number, username from chat.profiles where id = members.user_id offset 0) as people
    where rooms.id = ${room} and rooms.member_count <= ${MAX_LISTED_MEMBERS} and members.user_id <> (select auth.uid())
    order by people.number`;
