import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { arrayOf } from "../_shared/db/arrays.ts";
import { attachmentColumn } from "../_shared/files/attachments.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { drawn } from "../_shared/http/limit_headers.ts";
import { jsonList } from "../_shared/http/json_list.ts";
import { messageArray, type MessagePage } from "../_shared/queries/room_messages.sql.ts";
import { FILES, type Message } from "./schemas.ts";

/**
 * Messages of the caller's chats as the API shows them.
 * @param chosen selects one column of type chat.messages.
 * @param order how the messages are ordered.
 * @param extra further columns.
 * @param also further tables, joined to `page`.
 */
export const messages = <Extra = unknown>(
  sql: Sql,
  chosen: Statement,
  { order = sql`page.seq`, extra = sql``, also = sql`` }: { order?: Statement; extra?: Statement; also?: Statement } =
    {},
) =>
  sql<(z.infer<typeof Message> & Extra)[]>`
    select ${columns(sql)}, ${receipts(sql)} ${extra}
    from (
      select (message).room_id, array_agg(message order by (message).seq) as messages
      from (${chosen}) as chosen (message)
      group by (message).room_id
    ) as rooms
    cross join lateral chat_private.with_receipts(rooms.room_id, rooms.messages) as page
    ${also}
    order by ${order}`;

/** A page of the messages of a chat as one list in JSON; up to its last one they are then delivered to the caller. */
export const messageList = (sql: Sql, page: MessagePage & { room: number }) =>
  jsonList(
    sql,
    sql`select ${columns(sql)}, ${receipts(sql)}
      from chat_private.with_receipts(${page.room}, ${messageArray(sql, page)}) as page
      order by page.seq`,
  );

/** The columns of a message itself. */
const columns = (sql: Sql) =>
  sql`page.id, page.room_id as chat, page.seq, page.version, page.sender,
    coalesce(page.sender_username, '') as sender_username, page.content as text, page.reply_to_id as reply_to,
    page.forwarded_from_id as forwarded_from, page.forwarded_username as forwarded_from_username, page.client_id,
    page.edited_at is not null as is_edited, ${iso(sql, sql`page.edited_at`)} as edited_at,
    page.deleted_at is not null as is_deleted, ${iso(sql, sql`page.created_at`)} as created_at,
    ${attachmentColumn(sql, sql`page.attachments`, FILES)} as attachments,
    ${mentions(sql)} as mentions, page.mentions_all as mention_all`;

/** Whom it mentions. */
const mentions = (sql: Sql) =>
  sql`case when page.mentions = '[]' then '[]'::jsonb else (
      select jsonb_agg(jsonb_build_object('user', mention -> 'number', 'name', mention -> 'name') order by place)
      from jsonb_array_elements(page.mentions) with ordinality as given (mention, place)
    ) end`;

/** The users that a message is to mention, as the database knows them; one that does not exist is nobody's id. */
export const mentioned = (sql: Sql, users: readonly number[]) =>
  sql`array(
      select coalesce(people.id, '00000000-0000-0000-0000-000000000000')
      from unnest(${arrayOf(users)}::bigint[]) with ordinality as given (number, place)
      left join chat.profiles as people on people.number = given.number
      order by given.place
    )`;

/** Who has received and read it. */
const receipts = (sql: Sql) =>
  sql`page.receipts as statuses, page.delivered_count, page.read_count, ${reactions(sql)} as reactions`;

/** How many people have reacted to it, and whether the caller has. */
const reactions = (sql: Sql) =>
  sql`case when page.reactions = '{}' then '[]' else (
      select json_agg(
        json_build_object('emoji', emoji, 'count', count::integer, 'reacted', emoji = any (page.own_reactions))
        order by count::integer desc, emoji
      )
      from jsonb_each_text(page.reactions) as kinds (emoji, count)
    ) end`;

/** A time as `djangoTime` writes it: Postgres itself writes other times into JSON. */
export const iso = (sql: Sql, time: Statement) =>
  sql`replace(to_char(${time}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`;

/** A message that this statement sends; otherwise `created` is false. No one has received it, so there are no marks. */
export const sentMessage = (sql: Sql, send: Statement) =>
  sql<(z.infer<typeof Message> & { created: boolean; drawn: string | null })[]>`
    select ${columns(sql)}, chat_private.new_receipts(page.room_id) as statuses, 0 as delivered_count, 0 as read_count,
      '[]'::json as reactions,
      ${isNew(sql)} as created, ${drawn(sql)} as drawn
    from (
      select sent.*, senders.number as sender, senders.username as sender_username
      from (${send}) as sent
      left join chat.profiles as senders on senders.id = sent.sender_id
    ) as page`;

/** What an edit passes to `edit_message`: without mentions, the message keeps those that it has. */
export const editOf = (
  sql: Sql,
  id: number,
  { text, mentions, mention_all = null }: { text: string; mentions?: number[]; mention_all?: boolean | null },
) => sql`${id}, ${text}, ${mentions ? mentioned(sql, mentions) : sql`null`}, ${mention_all}`;
