import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser } from "../_shared/db/db.ts";
import type { Exchange } from "../_shared/replies/exchange.ts";
import { exchangeRows } from "../_shared/replies/exchanges.sql.ts";
import { settle } from "../_shared/replies/replies.sql.ts";
import { offsetOf, PAGE_SIZE } from "./pages.ts";

/** One page of the chats of a session, oldest first, and how many there are. Raises 404 for anyone else's session. */
export async function listChats(
  claims: Claims,
  sessionId: string,
  page = 1,
): Promise<{ count: number; chats: Exchange[] }> {
  const [, [session], chats] = await asUser(claims, (sql) => [
    settle(sql),
    sql<{ count: number }[]>`
      select (
        select count(*) from chat.conversation_messages where conversation_id = conversations.id and role = 'user'
      ) as count
      from chat.conversations as conversations where conversations.id = ${sessionId}`,
    exchangeRows(
      sql,
      sql`
        select * from chat.conversation_messages where conversation_id = ${sessionId} and role = 'user'
        order by id limit ${PAGE_SIZE} offset ${offsetOf(page)}`,
    ),
  ]);
  if (!session) throw notFound("conversation_not_found");
  return { count: session.count, chats: [...chats] };
}
