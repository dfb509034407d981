import type { Context } from "hono";
import type { Message } from "../../../client/sdk/src/contract/message.ts";
import type { Sql, Statement } from "../db/db.ts";
import { isNew } from "../http/idempotency.ts";
import { linkNext, MAX_BYTES } from "../http/pagination.ts";
import { following, type Keyset, keyset } from "./keyset.sql.ts";

type Columns = Pick<
  Message,
  "id" | "room_id" | "seq" | "version" | "content" | "client_id" | "created_at" | "edited_at" | "deleted_at"
>;

/** A message as it is stored, with its sender. */
export interface MessageRow extends Columns {
  sender: number | null;
  sender_username: string | null;
  /** Of a message that is sent by this very statement: false, if it was sent before. */
  created: boolean;
}

/**
 * Reads messages.
 * @param page selects rows of chat.messages.
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
    select page.id, page.room_id, page.seq, page.version, page.content, page.client_id, page.created_at,
      page.edited_at, page.deleted_at, ${
    isNew(sql)
  } as created, senders.number as sender, senders.username as sender_username
      ${extra}
    from (${page}) as page
    left join chat.profiles as senders on senders.id = page.sender_id
    order by ${order}`;

/** Which messages of a room. */
export interface MessagePage extends Keyset {
  /** Its id, or a subquery for it. */
  room: number | Statement;
  limit: number;
}

/** Selects rows of chat.messages, to be read by `messageRows`. */
export function messagePage(sql: Sql, { room, limit, ...page }: MessagePage): Statement {
  const seqOf = (message: number) => sql`(select seq from chat.messages where room_id = ${room} and id = ${message})`;
  const { bound, direction } = keyset(sql, page, sql`seq`, seqOf);
  return withinBytes(
    sql,
    sql`select * from chat.messages where room_id = ${room} ${bound} order by seq ${direction} limit ${limit}`,
    sql`seq ${direction}`,
  );
}

/**
 * Marks a page of messages as delivered to the caller. Run it before the page is read: the mark
 * does not cover messages that are sent in between.
 */
export function markListed(sql: Sql, page: MessagePage): Statement {
  // In descending order the first message is the last of the page.
  const last = messagePage(sql, { ...page, limit: page.after === undefined ? 1 : page.limit });
  return sql`select chat_private.listed(${page.room}, (select max(page.seq) from (${last}) as page))`;
}

/** As many of the rows that a statement selects, in an order, as fit into one answer. */
export const withinBytes = (sql: Sql, rows: Statement, order: Statement): Statement =>
  sql`
    select * from (
      select selected.*,
        sum(octet_length(selected.content)) over (order by ${order}) - octet_length(selected.content) as bytes_before
      from (${rows}) as selected
    ) as sized
    where bytes_before < ${MAX_BYTES}`;

const encoder = new TextEncoder();

/** How long the texts of rows are together. */
export const bytesOf = (rows: { content: string }[]) =>
  rows.reduce((sum, { content }) => sum + encoder.encode(content).length, 0);

/** Names the page that follows a full page of messages, oldest first, in the direction of its cursor. */
export function linkNextMessages(
  c: Context,
  { limit, ...page }: Omit<MessagePage, "room">,
  rows: { id: number }[],
  bytes: number,
): void {
  if (rows.length < limit && bytes < MAX_BYTES) return;
  linkNext(c, following(page, rows));
}
