import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, readAsUser, searchAsUser, type Sql } from "../_shared/db/db.ts";
import type { Conversation } from "../_shared/queries/conversations.sql.ts";
import { settle } from "../_shared/replies/replies.sql.ts";
import { type Message, messageRows, newestOf } from "./messages.sql.ts";
import type { Page } from "./pages.ts";

const columns = (sql: Sql) => sql`id, title, archived, created_at, updated_at`;

/** A page of the caller's conversations, the newest first. Raises 400 that names `search`. */
export async function listConversations(
  claims: Claims,
  { archived, limit, before, search }: { archived?: boolean; limit: number; before?: string; search?: string },
): Promise<Conversation[]> {
  if (search !== undefined) {
    const [found] = await searchAsUser(claims, (sql) => [
      sql<Conversation[]>`
        select ${columns(sql)}
        from chat.find_conversations(${search}, ${archived ?? null}, ${before ?? null}, ${limit})`,
    ]);
    return [...found];
  }
  const [conversations] = await readAsUser(claims, (sql) => [
    sql<Conversation[]>`
      select ${columns(sql)}
      from chat.conversations as conversations
      where owner_id = ${claims.sub}
        ${archived === undefined ? sql`` : sql`and archived = ${archived}`}
        ${
      before === undefined ? sql`` : sql`and (created_at, id) < (
          select earlier.created_at, earlier.id from chat.conversations as earlier where earlier.id = ${before}
        )`
    }
      order by created_at desc, id desc
      limit ${limit}`,
  ]);
  return [...conversations];
}

/** A conversation with a page of its messages, oldest first. Raises 404 for anyone else's. */
export async function readConversation(
  claims: Claims,
  id: string,
  page: Page,
): Promise<Conversation & { messages: Message[] }> {
  const [, [conversation], messages] = await asUser(claims, (sql) => [
    settle(sql),
    sql<Conversation[]>`select ${columns(sql)} from chat.conversations where id = ${id}`,
    messageRows(sql, newestOf(sql, id, page), page),
  ]);
  if (!conversation) throw notFound("conversation_not_found");
  return { ...conversation, messages: [...messages] };
}

/** Updates the given fields of a conversation. Raises 404 for anyone else's. */
export async function updateConversation(
  claims: Claims,
  id: string,
  { title, archived }: { title?: string; archived?: boolean },
): Promise<Conversation> {
  const [[conversation]] = await asUser(claims, (sql) => {
    // To name the title makes it its owner's.
    const changes = [
      ...(title === undefined ? [] : [sql`title = ${title}`]),
      ...(archived === undefined ? [] : [sql`archived = ${archived}`]),
    ];
    if (changes.length === 0) {
      return [sql<Conversation[]>`select ${columns(sql)} from chat.conversations where id = ${id}`];
    }
    const [first, second] = changes;
    return [
      sql<Conversation[]>`
        update chat.conversations set ${first!} ${second ? sql`, ${second}` : sql``}
        where id = ${id}
        returning ${columns(sql)}`,
    ];
  });
  if (!conversation) throw notFound("conversation_not_found");
  return conversation;
}
