import type { Claims } from "../auth/tokens.ts";
import { notFound } from "../base/errors.ts";
import { asUser, type Sql, type Statement } from "../db/db.ts";
import type { Exchange } from "./exchange.ts";
import { settle } from "./replies.sql.ts";

/**
 * Reads exchanges. A message of the assistant counts as the reply to the question before it when it names none: clients
 * that store their own messages may leave `reply_to` out.
 * @param questions selects rows of chat.conversation_messages, messages of role `user`.
 */
export const exchangeRows = (sql: Sql, questions: Statement) =>
  sql<Exchange[]>`
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

/** An exchange. Raises 404 when it is not in this conversation, or not the caller's. */
export async function readExchange(claims: Claims, conversationId: string, id: number): Promise<Exchange> {
  const [, [exchange]] = await asUser(claims, (sql) => [
    settle(sql),
    exchangeRows(
      sql,
      sql`
        select * from chat.conversation_messages
        where conversation_id = ${conversationId} and id = ${id} and role = 'user'`,
    ),
  ]);
  if (!exchange) throw notFound("message_not_found");
  return exchange;
}
