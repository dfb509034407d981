import type { Sql } from "../db.ts";

/** One turn of a conversation, as a responder is given it. */
export interface Turn {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What a turn costs besides its text. */
const OVERHEAD = 4;

/**
 * The conversation up to a question, oldest first, within a budget of tokens: the question itself always, then what the
 * system says, then the newest turns. Tokens are estimated as one for four bytes of UTF-8, and four more for each turn.
 * A reply stands after its question, whenever it came; of several to one question, the newest. Roles that clients have
 * invented are left out.
 */
export const contextRows = (sql: Sql, conversationId: string, questionId: number, budget: number) =>
  sql<Turn[]>`
    select turns.role, turns.content
    from (
      select messages.id, messages.content, coalesce(messages.reply_to_id, messages.id) as place,
        case messages.role when 'developer' then 'system' else messages.role end as role,
        sum(ceil(octet_length(messages.content) / 4.0) + ${OVERHEAD}::integer) over (
          order by messages.id = ${questionId} desc, messages.role in ('system', 'developer') desc,
            coalesce(messages.reply_to_id, messages.id) desc, messages.id desc
        ) as used
      from chat.conversation_messages as messages
      where messages.conversation_id = ${conversationId}
        and messages.role in ('system', 'developer', 'user', 'assistant')
        and (messages.id = ${questionId} or coalesce(messages.reply_to_id, messages.id) < ${questionId})
        and not exists (
          select from chat.conversation_messages as newer
          where newer.conversation_id = messages.conversation_id and newer.reply_to_id = messages.reply_to_id
            and newer.role = 'assistant' and newer.id > messages.id
        )
    ) as turns
    where turns.used <= ${budget} or turns.id = ${questionId}
    order by turns.place, turns.id`;
