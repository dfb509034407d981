import type { Claims } from "../_shared/tokens.ts";
import type { Chat } from "./chats.sql.ts";

/**
 * Waits for the reply to a chat, and keeps it. When `signal` aborts, as much of it as came is kept.
 * @throws ApiError 502 with the chat when the responder fails; 404 when the session is gone.
 */
export function completeReply(
  _claims: Claims,
  _sessionId: string,
  _chat: Chat,
  _signal: AbortSignal,
): Promise<Chat> {
  throw new Error("Not written yet.");
}
