import type { Sql } from "../db/db.ts";

/** One turn of a conversation, as a responder is given it. */
export interface Turn {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What a turn costs besides its text. */
const TURN_OVERHEAD = 4;

/** How many tokens a text counts as: one for four bytes of UTF-8, and four more for its turn. */
export const tokensOf = (text: string) => Math.ceil(new TextEncoder().encode(text).length / 4) + TURN_OVERHEAD;

/**
 * The conversation up to a question, oldest first, within a budget of tokens, estimated as `tokensOf` does: the question
 * itself always, then what the system says, then the newest turns. Questions beyond the budget are refused before.
 * A reply stands after its question, whenever it came, and never without it; of several to one question, the newest.
 * Roles that clients have invented are left out.
 */
export const contextRows = (sql: Sql, conversationId: string, questionId: number, budget: number) =>
  sql<Turn[]>`
    with turns as (
      select messages.id, messages.content, messages.role in ('system', 'developer') as is_system,
        case messages.role when 'developer' then 'system' else messages.role end as role,
        coalesce(messages.reply_to_id, messages.id) as place,
        messages.role = 'assistant' and messages.reply_to_id is not null
          and row_number() over (partition by messages.reply_to_id, messages.role order by messages.id desc) > 1
          as is_replaced
      from chat.conversation_messages as messages
      where messages.conversation_id = ${conversationId}
        and messages.role in ('system', 'developer', 'user', 'assistant')
        and (messages.id = ${questionId} or coalesce(messages.reply_to_id, messages.id) < ${questionId})
    ),
    sized as (
      select turns.*,
        -- Turns of one place are peers: they are counted together.
        sum(ceil(octet_length(turns.content) / 4.0) + ${TURN_OVERHEAD}::integer) over (
          order by turns.id = ${questionId} desc, turns.is_system desc, turns.place desc
        ) as used
      from turns
      where not turns.is_replaced
    )
    select sized.role, sized.content
    from sized
    where sized.used <= ${budget} or sized.id = ${questionId}
    order by sized.place, sized.id`;
