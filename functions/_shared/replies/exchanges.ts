import type { Context } from "hono";
import { notFound } from "../base/errors.ts";
import type { Api } from "../http/app.ts";
import { sayLimit } from "../http/limit_headers.ts";
import { answerAgain, askAssistant, continueReply, stopReply } from "./asking.ts";
import type { Exchange } from "./exchange.ts";
import { readExchange } from "./exchanges.sql.ts";
import { follow } from "./follow.ts";
import { newestReply, type Place } from "./replies.sql.ts";
import { eventId } from "./reply_stream.ts";

/** The field that holds the text of a question. */
const FIELD = "message";

/**
 * Stores a question of the caller and starts the reply. Repeated with the same `clientId` it returns the first exchange.
 * @returns the exchange, and the reply to wait for; null when it was answered before.
 * @throws ApiError 404 for anyone else's conversation, 400 that names `message`, 409, 429.
 */
export async function ask(
  c: Context<Api>,
  conversationId: string,
  message: string,
  clientId: string | null,
): Promise<{ exchange: Exchange; isNew: boolean; replyId: number | null }> {
  const asked = await askAssistant(c.var, conversationId, { content: message, clientId, field: FIELD });
  const { id, created_at, isNew, replyId } = asked;
  if (!isNew) return { exchange: await readExchange(c.var.claims, conversationId, id), isNew, replyId };
  sayLimit(c, "ask_assistant", asked.drawn);
  return { exchange: { id, message, response: null, created_at, metadata: {} }, isNew, replyId };
}

/**
 * Starts another reply to a question.
 * @throws ApiError 409 while a reply is being written in the conversation, 429.
 */
export function regenerate(
  c: Context<Api>,
  conversationId: string,
  { id, message }: Exchange,
  clientId: string | null = null,
): Promise<number> {
  const place = { conversationId, questionId: id };
  return answerAgain(c.var, place, { question: message, clientId, field: FIELD });
}

/**
 * Starts a reply that continues a partial one.
 * @throws ApiError 409 when there is no partial reply, or as `regenerate`.
 */
export function resume(
  c: Context<Api>,
  conversationId: string,
  { id, message, response, metadata }: Exchange,
  clientId: string | null = null,
): Promise<number> {
  const partial = metadata.partial === true ? response : null;
  const place = { conversationId, questionId: id };
  return continueReply(c.var, place, { question: message, partial, clientId, field: FIELD });
}

/**
 * Stops the newest reply to a question, and waits until it has ended.
 * @throws ApiError 404 for anyone else's conversation or question.
 */
export async function stop({ var: { claims } }: Context<Api>, place: Place): Promise<Exchange> {
  const reply = await stopReply(claims, place);
  if (reply?.state === "running") await follow(claims, reply.id, (feed) => feed.ended);
  return await readExchange(claims, place.conversationId, place.questionId);
}

/**
 * The newest reply to a question, with its text so far.
 * @throws ApiError 404 when there is none.
 */
export async function readReply({ var: { claims } }: Context<Api>, place: Place) {
  const reply = await newestReply(claims, place);
  if (!reply) throw notFound("reply_not_found");
  const { id, state, reason, text: response, created_at, ended_at } = reply;
  return { id, state, reason, response, cursor: eventId(id, [...response].length), created_at, ended_at };
}
