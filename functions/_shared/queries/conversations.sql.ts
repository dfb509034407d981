import type { Claims } from "../auth/tokens.ts";
import { notFound } from "../base/errors.ts";
import { asUser } from "../db/db.ts";

/** A conversation without its messages. */
export interface Conversation {
  id: string;
  title: string;
  archived: boolean;
  created_at: string;
  updated_at: string;
}

/**
 * Begins a conversation of the caller; without a title it gets that of the column. Raises 400 that names `title`.
 */
export async function createConversation(claims: Claims, title?: string | null): Promise<Conversation> {
  const [[conversation]] = await asUser(claims, (sql) => [
    sql<Conversation[]>`
      insert into chat.conversations ${title == null ? sql`default values` : sql`(title) values (${title})`}
      returning id, title, archived, created_at, updated_at`,
  ]);
  return conversation!;
}

/** Deletes a conversation with its messages. Raises 404 for anyone else's. */
export async function deleteConversation(claims: Claims, id: string): Promise<void> {
  const [deleted] = await asUser(claims, (sql) => [
    sql`delete from chat.conversations where id = ${id} returning id`,
  ]);
  if (deleted.length === 0) throw notFound("conversation_not_found");
}
