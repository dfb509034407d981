import type { Context } from "hono";
import type { Message } from "../../../client/sdk/src/contract/message.ts";
import type { Sql, Statement } from "../db/db.ts";
import { isNew } from "../http/idempotency.ts";
import { drawn } from "../http/limit_headers.ts";
import { linkAround, linkNext, MAX_BYTES } from "../http/pagination.ts";
import { following, type Keyset } from "./keyset.sql.ts";

type Columns = Pick<
  Message,
  | "id"
  | "room_id"
  | "seq"
  | "version"
  | "content"
  | "client_id"
  | "created_at"
  | "edited_at"
  | "deleted_at"
  | "attachments"
>;

/** A message as it is stored, with its sender. */
export interface MessageRow extends Columns {
  sender: number | null;
  sender_username: string | null;
  /** Of a message that is sent by this very statement: false, if it was sent before. */
  created: boolean;
  /** As well: for `sayLimit`. */
  drawn: string | null;
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
      page.edited_at, page.deleted_at, page.attachments, ${isNew(sql)} as created, ${
    drawn(sql)
  } as drawn, senders.number as sender, senders.username as sender_username
      ${extra}
    from (${page}) as page
    left join chat.profiles as senders on senders.id = page.sender_id
    order by ${order}`;

/** Which messages of a room. */
export interface MessagePage extends Keyset {
  /** Its id, or a subquery for it. */
  room: number | Statement;
  limit: number;
  /** Those around the message with this id, */
  around?: number;
  /** or around the first one at or after this time. */
  at?: string;
}

/** A page of messages as an array in Postgres; they are then delivered to the caller. */
export const messageArray = (sql: Sql, { room, before, after, limit, around, at }: MessagePage): Statement =>
  sql`chat_private.message_page(
    ${room}, ${before ?? null}, ${after ?? null}, ${limit}, ${around ?? null}, ${at ?? null}::timestamptz
  )`;

/** The same as rows of chat.messages, to be read by `messageRows`. */
export const messagePage = (sql: Sql, page: MessagePage): Statement =>
  sql`select * from unnest(${messageArray(sql, page)})`;

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

/**
 * Names the page that follows a full page of messages, oldest first, in the direction of its cursor. A page around a message
 * has one on either side.
 */
export function linkNextMessages(
  c: Context,
  { limit, around, at, ...page }: Omit<MessagePage, "room">,
  rows: { id: number }[],
  bytes: number,
): void {
  if ((around ?? at) !== undefined) {
    if (rows.length > 0) linkAround(c, { before: rows[0]!.id, after: rows.at(-1)!.id });
    return;
  }
  if (rows.length < limit && bytes < MAX_BYTES) return;
  linkNext(c, following(page, rows));
}
