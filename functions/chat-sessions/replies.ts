import type { Context } from "hono";
import type { Api } from "../_shared/app.ts";
import { translate } from "../_shared/database-errors.ts";
import { ApiError } from "../_shared/errors.ts";
import type { Chat } from "./chats.sql.ts";
import { eventStream, type Send } from "./event-stream.ts";
import { reply } from "./reply.ts";

/**
 * Waits for the reply to a chat of the caller, which is kept. When the client goes away, as much of it as came is kept.
 * @throws ApiError 502 with the chat when the responder fails; 404 when the session is gone.
 */
export function completeReply(c: Context<Api>, sessionId: string, chat: Chat): Promise<Chat> {
  return reply({ claims: c.var.claims, sessionId, chat }, c.req.raw.signal, () => {});
}

/**
 * Streams the reply to a chat of the caller: the events `chat` (the chat without a response), `delta` as often as there
 * is more, and at the end `done` (the chat) or `error` (`detail`, `code`, and the chat as it is then). When the client
 * goes away, as much of the reply as came is kept.
 */
export function streamReply(c: Context<Api>, sessionId: string, chat: Chat): Response {
  const { claims, requestId } = c.var;
  return eventStream(async (send, gone) => {
    send("chat", { ...chat, response: null, metadata: {} });
    const cancelled = AbortSignal.any([gone, c.req.raw.signal]);
    try {
      send("done", await reply({ claims, sessionId, chat }, cancelled, (delta) => send("delta", { delta })));
    } catch (error) {
      sendError(send, error, requestId);
    }
  });
}

/** Streams a chat that needs no reply, as it was sent before. */
export function streamChat(chat: Chat): Response {
  return eventStream((send) => {
    send("chat", { ...chat, response: null, metadata: {} });
    send("done", chat);
    return Promise.resolve();
  });
}

/** Tells of an error in the stream, and in the log as the error handler of the app does. */
function sendError(send: Send, error: unknown, requestId: string): void {
  const refusal = error instanceof ApiError ? error : translate(error, {});
  if (!refusal) console.error(`request ${requestId} failed:`, error);
  else if (refusal.status >= 500) console.error(`request ${requestId}: ${(error as Error).message}`);
  send("error", refusal?.body ?? { detail: "Internal server error.", code: "internal_error" });
}
