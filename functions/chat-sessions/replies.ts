import { translate } from "../_shared/database-errors.ts";
import { ApiError } from "../_shared/errors.ts";
import type { Claims } from "../_shared/tokens.ts";
import type { Chat } from "./chats.sql.ts";
import { eventStream, type Send } from "./event-stream.ts";
import { reply } from "./reply.ts";

/**
 * Waits for the reply to a chat, which is kept. When `signal` aborts, as much of it as came is kept.
 * @throws ApiError 502 with the chat when the responder fails; 404 when the session is gone.
 */
export function completeReply(claims: Claims, sessionId: string, chat: Chat, signal: AbortSignal): Promise<Chat> {
  return reply({ claims, sessionId, chat }, signal, () => {});
}

/**
 * Streams the reply to a chat: the events `chat` (the chat without a response), `delta` as often as there is more, and at
 * the end `done` (the chat) or `error` (`detail`, `code`, and the chat as it is then). When the client goes away, or
 * `signal` aborts, as much of the reply as came is kept.
 */
export function streamReply(claims: Claims, sessionId: string, chat: Chat, signal?: AbortSignal): Response {
  return eventStream(async (send, gone) => {
    send("chat", { ...chat, response: null, metadata: {} });
    const cancelled = signal ? AbortSignal.any([gone, signal]) : gone;
    try {
      send("done", await reply({ claims, sessionId, chat }, cancelled, (delta) => send("delta", { delta })));
    } catch (error) {
      sendError(send, error);
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

function sendError(send: Send, error: unknown): void {
  const refusal = error instanceof ApiError ? error : translate(error, {});
  if (!refusal) console.error("a reply failed:", error);
  send("error", refusal?.body ?? { detail: "Internal server error.", code: "internal_error" });
}
