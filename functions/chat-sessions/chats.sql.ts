import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { settle } from "../_shared/replies/replies.sql.ts";
import { offsetOf, PAGE_SIZE } from "./pages.ts";
import type { Chat as ChatSchema } from "./schemas.ts";

/** A user's message and the newest reply to it. */
export type Chat = z.infer<typeof ChatSchema>;

/**
 * Reads chats. Where nothing says that it is the reply, what the assistant says next is: clients of the other API may
 * leave out what a message answers.
 * @param questions selects rows of chat.conversation_messages, messages of role `user`.
 */
export const chatRows = (sql: Sql, questions: Statement) =>
  sql<Chat[]>`
    select questions.id, questions.content as message, coalesce(replies.content, next.content) as response,
      questions.created_at, coalesce(replies.metadata, next.metadata, '{}') as metadata
    from (${questions}) as questions
    left join lateral (
      select answers.content, answers.metadata from chat.conversation_messages as answers
      where answers.conversation_id = questions.conversation_id and answers.reply_to_id = questions.id
        and answers.role = 'assistant'
      order by answers.id desc
      limit 1
    ) as replies on true
    left join lateral (
      select later.role, later.content, later.metadata from chat.conversation_messages as later
      where replies.content is null
        and later.conversation_id = questions.conversation_id and later.id > questions.id
        and (later.role = 'user' or later.role = 'assistant' and later.reply_to_id is null)
      order by later.id
      limit 1
    ) as next on next.role = 'assistant'
    order by questions.id`;

/** One page of the chats of a session, oldest first, and how many there are. Raises 404 for anyone else's session. */
export async function listChats(
  claims: Claims,
  sessionId: string,
  page = 1,
): Promise<{ count: number; chats: Chat[] }> {
  const [, [session], chats] = await asUser(claims, (sql) => [
    settle(sql),
    sql<{ count: number }[]>`
      select (
        select count(*) from chat.conversation_messages where conversation_id = conversations.id and role = 'user'
      ) as count
      from chat.conversations as conversations where conversations.id = ${sessionId}`,
    chatRows(
      sql,
      sql`
        select * from chat.conversation_messages where conversation_id = ${sessionId} and role = 'user'
        order by id limit ${PAGE_SIZE} offset ${offsetOf(page)}`,
    ),
  ]);
  if (!session) throw notFound("conversation_not_found");
  return { count: session.count, chats: [...chats] };
}

/** A chat. Raises 404 when it is not in this session, or not the caller's. */
export async function readChat(claims: Claims, sessionId: string, id: number): Promise<Chat> {
  const [, [chat]] = await asUser(claims, (sql) => [
    settle(sql),
    chatRows(
      sql,
      sql`
        select * from chat.conversation_messages
        where conversation_id = ${sessionId} and id = ${id} and role = 'user'`,
    ),
  ]);
  if (!chat) throw notFound("message_not_found");
  return chat;
}
