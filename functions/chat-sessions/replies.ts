import type { Context } from "hono";
import { ApiError, notFound } from "../_shared/base/errors.ts";
import { translate } from "../_shared/db/database_errors.ts";
import type { Api } from "../_shared/http/app.ts";
import { eventStream, type Send, wantsStream } from "../_shared/http/event_stream.ts";
import type { Ended } from "../_shared/replies/feed.ts";
import { follow } from "../_shared/replies/follow.ts";
import type { Chat } from "./chats.sql.ts";

/** The responder has failed: the chat as it is then, and a sentence. */
export interface ReplyFailure {
  detail: string;
  code: "responder_failed";
  chat: Chat;
}

/** The chat with the reply as it ended, or why there is none or not all of it. */
export type Outcome = { chat: Chat; failure?: ReplyFailure };

/**
 * Waits for a reply to a chat of the caller, which is kept also when the client goes away.
 * @throws ApiError 404 when the session is gone.
 */
export async function waitForReply(c: Context<Api>, chat: Chat, replyId: number): Promise<Outcome> {
  return outcome(chat, await follow(c.var.claims, replyId, (feed) => feed.ended));
}

/**
 * Streams a reply to a chat of the caller: the events `chat` (the chat without a response), `delta` as often as there is
 * more, and at the end `done` (the chat) or `error` (`detail`, `code`, and the chat as it is then). The ids of the events
 * say how far the reply has come: a client that comes back with one, in `Last-Event-ID` or `after`, gets what follows.
 */
export function streamReply(c: Context<Api>, chat: Chat, replyId: number): Response {
  const { claims, requestId } = c.var;
  const start = startOf(c, replyId);
  return eventStream(async (send, gone) => {
    send("chat", { ...chat, response: null, metadata: {} });
    try {
      await follow(claims, replyId, async (feed) => {
        for await (const { text, position } of feed.from(start, gone)) {
          send("delta", { delta: text }, eventId(replyId, position));
        }
        if (gone.aborted) return;
        const ended = outcome(chat, await feed.ended);
        const id = eventId(replyId, feed.length);
        if (ended.failure) send("error", ended.failure, id);
        else send("done", ended.chat, id);
      });
    } catch (error) {
      sendError(send, error, requestId);
    }
  });
}

/** A reply, streamed or waited for, as the client asks; `onChat` answers with the chat. */
export async function answerWithReply(
  c: Context<Api>,
  chat: Chat,
  replyId: number,
  onChat: (outcome: Outcome) => Response,
): Promise<Response> {
  return wantsStream(c) ? streamReply(c, chat, replyId) : onChat(await waitForReply(c, chat, replyId));
}

/** Streams a chat that was answered before. */
export function streamChat(chat: Chat): Response {
  return eventStream((send) => {
    send("chat", { ...chat, response: null, metadata: {} });
    send("done", chat);
    return Promise.resolve();
  });
}

/** The id of an event: which reply, and how many characters of it there are up to its end. */
export const eventId = (replyId: number, position: number) => `${replyId}-${position}`;

/** How many characters of the reply the client has; none of another reply. */
function startOf(c: Context, replyId: number): number {
  const given = /^(?:(\d{1,15})-)?(\d{1,6})$/.exec(c.req.query("after") ?? c.req.header("Last-Event-ID") ?? "");
  if (!given) return 0;
  const [, reply = String(replyId), position] = given;
  return Number(reply) === replyId ? Number(position) : 0;
}

function outcome(chat: Chat, { state, reason, response, metadata }: Ended): Outcome {
  if (state === "gone") throw notFound("conversation_not_found");
  const answered = response === null ? chat : { ...chat, response, metadata };
  const failed = state !== "complete" && !(reason === "cancelled" || state === "partial" && isLimit(reason));
  if (!failed) return { chat: answered };
  const failure = { detail: "The assistant could not reply, try again.", code: "responder_failed", chat: answered };
  return { chat: answered, failure: failure as ReplyFailure };
}

/** What ends a reply by the rules of the model. */
const isLimit = (reason: Ended["reason"]) => reason === "length" || reason === "content_filter";

/** Tells of an error in the stream, and in the log as the error handler of the app does. */
function sendError(send: Send, error: unknown, requestId: string): void {
  const refusal = error instanceof ApiError ? error : translate(error, {});
  if (!refusal) console.error(`request ${requestId} failed:`, error);
  else if (refusal.status >= 500) console.error(`request ${requestId}: ${(error as Error).message}`);
  send("error", refusal?.body ?? { detail: "Internal server error.", code: "internal_error" });
}
