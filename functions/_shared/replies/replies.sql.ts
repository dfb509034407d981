import type { Claims } from "../auth/tokens.ts";
import { notFound } from "../base/errors.ts";
import { asUser, type Sql } from "../db/db.ts";
import { drawn } from "../http/limit_headers.ts";
import { contextRows, type Turn } from "../responder/context.sql.ts";
import type { Ended, Reason } from "./feed.ts";

/** Where a reply belongs. */
export interface Place {
  conversationId: string;
  questionId: number;
}

/** A reply as it stands. */
export interface Reply {
  id: number;
  question_id: number;
  state: "running" | Exclude<Ended["state"], "gone">;
  reason: Reason | null;
  /** The text that is kept of it. */
  response: string | null;
  metadata: Record<string, unknown> | null;
  created_at: string;
  ended_at: string | null;
}

/** A part of a reply to store; without text it only extends the lease of the worker. */
export interface Chunk {
  index: number;
  charsBefore: number;
  text: string;
}

/** Replies have their own share of the pool, so other requests of their owner do not delay storing them. */
const writing = ({ sub }: Claims) => ({ share: `replies of ${sub}` });

/** Ends the caller's replies whose workers have died; run before a read, so that it does not see them as running. */
export const settle = (sql: Sql) => sql`select chat_private.settle_replies()`;

/** A question that was asked, and the reply that is written to it. */
export interface Asked {
  id: number;
  created_at: string;
  isNew: boolean;
  replyId: number | null;
  /** For `sayLimit`. */
  drawn: string | null;
}

/**
 * Adds a question and begins the reply to it, once for each `clientId`.
 * @returns `isBegun` when the caller is to write the reply; without a `replyId` it has ended. Raises 404 for anyone else's
 * conversation, 400 that names `content`, 409, 429.
 */
export async function ask(
  claims: Claims,
  conversationId: string,
  { content, clientId, responder }: { content: string; clientId: string | null; responder: string | undefined },
): Promise<Asked & { isBegun: boolean }> {
  const [[row]] = await asUser(claims, (sql) => [
    sql<
      {
        id: number;
        created_at: string;
        is_new: boolean;
        reply_id: number | null;
        is_begun: boolean;
        drawn: string | null;
      }[]
    >`
      select question_id as id, asked_at as created_at, is_new, reply_id, is_begun, ${drawn(sql)} as drawn
      from chat_private.ask(${conversationId}, ${content}, ${clientId}, ${responder ?? null})`,
  ]);
  const { id, created_at, is_new, reply_id, is_begun, drawn: state } = row!;
  return { id, created_at, isNew: is_new, replyId: reply_id, isBegun: is_begun, drawn: state };
}

/** Begins another reply to a question. Raises 404, 409, 429. */
export async function begin(
  claims: Claims,
  { conversationId, questionId }: Place,
  { responder, clientId = null, base = 0 }: { responder?: string; clientId?: string | null; base?: number },
): Promise<{ replyId: number; isBegun: boolean }> {
  const [[row]] = await asUser(claims, (sql) => [
    sql<{ id: number; is_begun: boolean }[]>`
      select id, is_begun
      from chat_private.begin_reply(${conversationId}, ${questionId}, ${responder ?? null}, ${clientId}, ${base})`,
  ]);
  return { replyId: row!.id, isBegun: row!.is_begun };
}

/** Stores and announces a part of a reply. */
export async function writeReply(claims: Claims, replyId: number, { index, charsBefore, text }: Chunk) {
  const [[row]] = await asUser(claims, (sql) => [
    sql<{ verdict: "running" | "stopped" | "lost" | "gone" }[]>`
      select chat_private.write_reply(${replyId}, ${index}, ${charsBefore}, ${text}) as verdict`,
  ], writing(claims));
  return row!.verdict;
}

/** Ends a reply and stores its text. Raises 404 if its conversation was deleted. */
export async function finishReply(
  claims: Claims,
  replyId: number,
  { content, state, reason, usage }: {
    content: string;
    state: "complete" | "partial";
    reason: Reason | null;
    usage?: unknown;
  },
): Promise<Ended> {
  const [, [row]] = await asUser(claims, (sql) => [
    sql`
      select from chat_private.finish_reply(
        ${replyId}, ${content}, ${state}, ${reason}, ${usage ? JSON.stringify(usage) : null}::text::jsonb
      )`,
    replyRows(sql, sql`replies.id = ${replyId}`),
  ], writing(claims));
  return endedOf(row);
}

/** How a reply ended; undefined while it runs. */
export function endOf(reply: Reply | undefined): Ended | undefined {
  return reply?.state === "running" ? undefined : endedOf(reply);
}

function endedOf(reply: Reply | undefined): Ended {
  if (!reply || reply.state === "running") return { state: "gone", reason: null, response: null, metadata: {} };
  const { state, reason, response, metadata } = reply;
  return { state, reason, response, metadata: metadata ?? {} };
}

const replyRows = (sql: Sql, condition: ReturnType<Sql>) =>
  sql<Reply[]>`
    select replies.id, replies.question_id, replies.state, replies.reason, messages.content as response,
      messages.metadata, replies.created_at, replies.ended_at
    from chat.replies as replies
    left join chat.conversation_messages as messages on messages.id = replies.message_id
    where ${condition}
    order by replies.id desc
    limit 1`;

/** The newest reply to a question, with its text so far. */
export async function newestReply(
  claims: Claims,
  { conversationId, questionId }: Place,
): Promise<Reply & { text: string } | undefined> {
  const [, [reply], [running]] = await asUser(claims, (sql) => [
    settle(sql),
    replyRows(
      sql,
      sql`replies.conversation_id = ${conversationId} and replies.question_id = ${questionId}`,
    ),
    sql<{ text: string }[]>`
      select chat_private.reply_text(id) as text from chat.replies
      where conversation_id = ${conversationId} and question_id = ${questionId} and state = 'running'`,
  ]);
  return reply && { ...reply, text: reply.response ?? running?.text ?? "" };
}

/** The chunks of a reply from an index on, and the reply. */
export async function readProgress(
  claims: Claims,
  replyId: number,
  index: number,
): Promise<{ reply: Reply | undefined; texts: string[] }> {
  const [, chunks, [reply]] = await asUser(claims, (sql) => [
    settle(sql),
    sql<{ text: string }[]>`
      select text from chat.reply_chunks where reply_id = ${replyId} and index >= ${index} order by index`,
    replyRows(sql, sql`replies.id = ${replyId}`),
  ], writing(claims));
  return { reply, texts: chunks.map(({ text }) => text) };
}

/**
 * The question whose reply is being written in a conversation.
 * @throws ApiError 404 for anyone else's conversation.
 */
export async function runningQuestion(claims: Claims, conversationId: string): Promise<number | undefined> {
  const [, [row]] = await asUser(claims, (sql) => [
    settle(sql),
    sql<{ question_id: number | null }[]>`
      select replies.question_id
      from chat.conversations as conversations
      left join chat.replies as replies on replies.conversation_id = conversations.id and replies.state = 'running'
      where conversations.id = ${conversationId}`,
  ]);
  if (!row) throw notFound("conversation_not_found");
  return row.question_id ?? undefined;
}

/** Requests that the worker of a reply ends it. */
export async function requestStop(claims: Claims, replyId: number): Promise<void> {
  await asUser(claims, (sql) => [sql`select from chat.stop_reply(${replyId})`]);
}

/** The turns that a responder receives; none if the conversation was deleted. */
export async function readTurns(
  claims: Claims,
  { conversationId, questionId }: Place,
  budget: number,
): Promise<Turn[]> {
  const [turns] = await asUser(claims, (sql) => [contextRows(sql, conversationId, questionId, budget)]);
  return [...turns];
}
