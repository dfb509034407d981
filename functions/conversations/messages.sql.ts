import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, readAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { drawn } from "../_shared/http/limit_headers.ts";
import { keyset } from "../_shared/queries/keyset.sql.ts";
import { settle } from "../_shared/replies/replies.sql.ts";
import { MAX_BYTES, type Page } from "./pages.ts";
import type { Message as MessageSchema } from "./schemas.ts";

export type Message = z.infer<typeof MessageSchema>;

/** What someone adds to a conversation. */
export interface NewMessage {
  role: string;
  content: string;
  metadata: Record<string, unknown>;
  reply_to: number | null;
  client_id: string | null;
}

const columns = (sql: Sql) =>
  sql`id, conversation_id as conversation, role, content, metadata, reply_to_id as reply_to, client_id, created_at`;

/**
 * Reads a page of messages, oldest first, as far as their texts are not too long together.
 * @param selected selects rows of chat.conversation_messages.
 */
export function messageRows(sql: Sql, selected: Statement, page: Page) {
  const { direction } = keyset(sql, page, sql`id`);
  return sql<Message[]>`
    select ${columns(sql)}
    from (
      select selected.*,
        sum(octet_length(content)) over (order by id ${direction}) - octet_length(content) as bytes_before
      from (${selected}) as selected
    ) as page
    where bytes_before < ${MAX_BYTES}
    order by id`;
}

/**
 * Selects a page of a conversation.
 * @param conversation its id, or a column that holds it.
 */
export function newestOf(
  sql: Sql,
  conversation: string | Statement,
  page: Page,
  columns = sql`*`,
): Statement {
  const { bound, direction } = keyset(sql, page, sql`messages.id`);
  return sql`
    select ${columns} from chat.conversation_messages as messages
    where messages.conversation_id = ${conversation} ${bound}
    order by messages.id ${direction}
    limit ${page.limit}`;
}

/** A page of a conversation. Raises 404 for anyone else's. */
export async function listOf(claims: Claims, conversation: string, page: Page): Promise<Message[]> {
  const [, found, messages] = await asUser(claims, (sql) => [
    settle(sql),
    sql`select from chat.conversations where id = ${conversation}`,
    messageRows(sql, newestOf(sql, conversation, page), page),
  ]);
  if (found.length === 0) throw notFound("conversation_not_found");
  return [...messages];
}

/** A page of all messages of the caller. Each conversation's ids are read from its index, whatever other people have. */
export async function listAll(claims: Claims, page: Page): Promise<Message[]> {
  const [, messages] = await asUser(claims, (sql) => [
    settle(sql),
    messageRows(
      sql,
      sql`
        select * from chat.conversation_messages
        where id = any (array(
          select newest.id from chat.conversations as conversations
          cross join lateral (${newestOf(sql, sql`conversations.id`, page, sql`messages.id`)}) as newest
          where conversations.owner_id = ${claims.sub}
          order by newest.id ${keyset(sql, page, sql`newest.id`).direction}
          limit ${page.limit}
        ))`,
      page,
    ),
  ]);
  return [...messages];
}

/** A message. Raises 404 for anyone else's. */
export async function readMessage(claims: Claims, id: number): Promise<Message> {
  const [[message]] = await readAsUser(claims, (sql) => [
    sql<Message[]>`select ${columns(sql)} from chat.conversation_messages where id = ${id}`,
  ]);
  if (!message) throw notFound("message_not_found");
  return message;
}

/** Adds a message, once for each `client_id`. Raises 404 for anyone else's conversation or an answered message that is not in it. */
export async function addMessage(
  claims: Claims,
  conversation: string,
  { role, content, metadata, reply_to, client_id }: NewMessage,
): Promise<{ message: Message; isNew: boolean; drawn: string | null }> {
  const [[row]] = await asUser(claims, (sql) => [
    sql<(Message & { is_new: boolean; drawn: string | null })[]>`
      select ${columns(sql)}, ${isNew(sql)} as is_new, ${drawn(sql)} as drawn
      from chat.add_conversation_message(
        ${conversation}, ${role}, ${content}, ${sql.json(metadata as never)}, ${reply_to}, ${client_id}
      )`,
  ]);
  const { is_new, drawn: state, ...message } = row!;
  return { message, isNew: is_new, drawn: state };
}
