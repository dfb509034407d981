import type { Context } from "hono";
import type { Api } from "../_shared/http/app.ts";
import { answerAgain, askAssistant, continueReply } from "../_shared/replies/asking.ts";
import { type Chat, readChat } from "./chats.sql.ts";

const FIELD = "message";

/**
 * Keeps a message of the caller, and has it answered. Sent again with the same `clientId` it is the chat of the first
 * time, and not new.
 * @returns the chat, and the reply to wait for; null when it was answered before.
 * @throws ApiError 404 for anyone else's session, 400 that names `message`, 409, 429.
 */
export async function sendMessage(
  c: Context<Api>,
  sessionId: string,
  message: string,
  clientId: string | null,
): Promise<{ chat: Chat; isNew: boolean; replyId: number | null }> {
  const asked = await askAssistant(c.var, sessionId, { content: message, clientId, field: FIELD });
  const { id, created_at, isNew, replyId } = asked;
  if (!isNew) return { chat: await readChat(c.var.claims, sessionId, id), isNew, replyId };
  return { chat: { id, message, response: null, created_at, metadata: {} }, isNew, replyId };
}

/** Has a message answered once more. Raises 409 while a reply is being written in the session, 429. */
export function regenerate(
  c: Context<Api>,
  sessionId: string,
  { id, message }: Chat,
  clientId: string | null = null,
): Promise<number> {
  return answerAgain(c.var, { conversationId: sessionId, questionId: id }, {
    question: message,
    clientId,
    field: FIELD,
  });
}

/** Has a partial reply continued. Raises 409 when there is none, as above otherwise. */
export function continueChat(
  c: Context<Api>,
  sessionId: string,
  { id, message, response, metadata }: Chat,
  clientId: string | null = null,
): Promise<number> {
  const partial = metadata.partial === true ? response : null;
  const place = { conversationId: sessionId, questionId: id };
  return continueReply(c.var, place, { question: message, partial, clientId, field: FIELD });
}
