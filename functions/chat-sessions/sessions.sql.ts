import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { djangoTime } from "../_shared/base/times.ts";
import { asUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { createConversation } from "../_shared/queries/conversations.sql.ts";
import { settle } from "../_shared/replies/replies.sql.ts";
import type { Exchange } from "../_shared/replies/exchange.ts";
import { exchangeRows } from "../_shared/replies/exchanges.sql.ts";
import { offsetOf, PAGE_SIZE } from "./pages.ts";
import type { Session as SessionSchema } from "./schemas.ts";

/** A conversation of the caller, with its newest chats. */
export type Session = z.infer<typeof SessionSchema>;

const MAX_CHATS = 1000;
const MAX_BYTES = 1024 * 1024;

interface SessionRow {
  id: string;
  title: string;
  created_at: string;
  chats: Exchange[] | null;
  has_more: boolean | null;
}

/**
 * Reads sessions with their newest chats, in one statement for all of them.
 * @param page selects rows of chat.conversations.
 * @param most how many chats of each.
 */
const sessionRows = (sql: Sql, page: Statement, most = MAX_CHATS) =>
  sql<SessionRow[]>`
    select page.id, page.title, page.created_at, embedded.chats, embedded.has_more
    from (${page}) as page
    cross join lateral (
      select json_agg(to_json(chats) order by chats.id) filter (where chats.fits) as chats,
        bool_or(not chats.fits) as has_more
      from (${sizedChats(sql, sql`page.id`, most)}) as chats
    ) as embedded
    order by page.created_at desc, page.id desc`;

/** The newest chats of a session, and whether each still fits into an answer. */
const sizedChats = (sql: Sql, sessionId: Statement, most: number) =>
  sql`
    select chats.*,
      row_number() over newest = 1
        or row_number() over newest <= ${most}
        and sum(octet_length(chats.message) + coalesce(octet_length(chats.response), 0)) over newest <= ${MAX_BYTES}
        as fits
    from (${
    exchangeRows(
      sql,
      sql`
        select * from chat.conversation_messages where conversation_id = ${sessionId} and role = 'user'
        order by id desc limit ${most + 1}`,
    )
  }) as chats
    window newest as (order by chats.id desc)`;

/** A session as the API shows it. */
function toSession({ id, title, created_at, chats, has_more }: SessionRow): Session {
  const shown = (chats ?? []).map(toChat);
  const last = shown.at(-1);
  return {
    id,
    title,
    created_at,
    chats: shown,
    has_more_chats: has_more ?? false,
    last_message: last ? { message: last.message, response: last.response, created_at: last.created_at } : null,
  };
}

/** Within JSON, Postgres writes times its own way. */
const toChat = ({ id, message, response, created_at, metadata }: Exchange): Exchange => ({
  id,
  message,
  response,
  created_at: djangoTime(created_at),
  metadata,
});

/** One page of the caller's sessions, the newest first, and how many there are. */
export async function listSessions(claims: Claims, page = 1): Promise<{ count: number; sessions: Session[] }> {
  const [, [total], rows] = await asUser(claims, (sql) => [
    settle(sql),
    sql<{ count: number }[]>`
      select count(*) as count from chat.conversations where owner_id = (select auth.uid())`,
    sessionRows(
      sql,
      sql`
        select * from chat.conversations where owner_id = (select auth.uid())
        order by created_at desc, id desc limit ${PAGE_SIZE} offset ${offsetOf(page)}`,
    ),
  ]);
  return { count: total!.count, sessions: rows.map(toSession) };
}

/**
 * Creates a session; without a title, its first message gives it one. Raises 401 if the account was deleted,
 * 400 that names `title`.
 */
export async function createSession(claims: Claims, title?: string | null): Promise<Session> {
  return toSession({ ...await createConversation(claims, title), chats: null, has_more: null });
}

/** A session with at most so many chats. Raises 404 if the caller has no such session. */
export async function readSession(claims: Claims, id: string, most = MAX_CHATS): Promise<Session> {
  const [, [row]] = await asUser(claims, (sql) => [settle(sql), oneSession(sql, id, most)]);
  return found(row);
}

/** Gives a session a title for good. Raises 404 if the caller has no such session, 400 that names `title`. */
export async function renameSession(claims: Claims, id: string, title: string): Promise<Session> {
  const [, [row]] = await asUser(claims, (sql) => [
    sql`update chat.conversations set title = ${title} where id = ${id}`,
    oneSession(sql, id),
  ]);
  return found(row);
}

const oneSession = (sql: Sql, id: string, most?: number) =>
  sessionRows(sql, sql`select * from chat.conversations where id = ${id}`, most);

function found(row: SessionRow | undefined): Session {
  if (!row) throw notFound("conversation_not_found");
  return toSession(row);
}
