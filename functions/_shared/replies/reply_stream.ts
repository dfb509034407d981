import type { Context } from "hono";
import { ApiError, notFound } from "../base/errors.ts";
import { translate } from "../db/database_errors.ts";
import type { Api } from "../http/app.ts";
import { eventStream, type Send, wantsStream } from "../http/event_stream.ts";
import type { Exchange, Noun } from "./exchange.ts";
import type { Ended } from "./feed.ts";
import { follow } from "./follow.ts";

/** A failure of the responder, with the exchange under the noun of the API. */
export type ReplyFailure = { detail: string; code: "responder_failed" } & { [noun in Noun]?: Exchange };

/** The exchange with the reply as it ended, and the failure that left it without one, or incomplete. */
export type Outcome = { exchange: Exchange; failure?: ReplyFailure };

/** What a reply belongs to, and what the API calls that. */
export interface ReplyTarget {
  exchange: Exchange;
  noun: Noun;
}

/**
 * Streams a reply: the event named by the noun (the exchange without a response), `delta` for each part, and at the end
 * `done` (the exchange) or `error` (`detail`, `code` and the exchange). The id of an event is the position in the reply: a
 * client that sends one, in `Last-Event-ID` or `after`, receives what follows it.
 */
export function streamReply(c: Context<Api>, { exchange, noun }: ReplyTarget, replyId: number): Response {
  const { claims, requestId } = c.var;
  const start = startOf(c, replyId);
  return eventStream(async (send, gone) => {
    send(noun, withoutReply(exchange));
    try {
      await follow(claims, replyId, async (feed) => {
        for await (const { text, position } of feed.from(start, gone)) {
          send("delta", { delta: text }, eventId(replyId, position));
        }
        if (gone.aborted) return;
        const ended = outcome(exchange, noun, await feed.ended);
        const id = eventId(replyId, feed.length);
        if (ended.failure) send("error", ended.failure, id);
        else send("done", ended.exchange, id);
      });
    } catch (error) {
      sendError(send, error, requestId);
    }
  });
}

/**
 * Responds with a reply: streams it, or waits for its end, as the client asks. The reply is kept even if the client
 * leaves.
 * @param onEnd makes the response from the ended reply.
 * @throws ApiError 404 when the conversation was deleted.
 */
export async function respondWithReply(
  c: Context<Api>,
  { exchange, noun }: ReplyTarget,
  replyId: number,
  onEnd: (outcome: Outcome) => Response,
): Promise<Response> {
  if (wantsStream(c)) return streamReply(c, { exchange, noun }, replyId);
  return onEnd(outcome(exchange, noun, await follow(c.var.claims, replyId, (feed) => feed.ended)));
}

/** Streams an exchange whose reply ended before. */
export function streamEnded({ exchange, noun }: ReplyTarget): Response {
  return eventStream((send) => {
    send(noun, withoutReply(exchange));
    send("done", exchange);
    return Promise.resolve();
  });
}

const withoutReply = (exchange: Exchange): Exchange => ({ ...exchange, response: null, metadata: {} });

/** The id of an event: which reply, and how many characters of it there are up to its end. */
export const eventId = (replyId: number, position: number) => `${replyId}-${position}`;

/** How many characters of the reply the client has; none of another reply. */
function startOf(c: Context, replyId: number): number {
  const given = /^(?:(\d{1,15})-)?(\d{1,6})$/.exec(c.req.query("after") ?? c.req.header("Last-Event-ID") ?? "");
  if (!given) return 0;
  const [, reply = String(replyId), position] = given;
  return Number(reply) === replyId ? Number(position) : 0;
}

function outcome(exchange: Exchange, noun: Noun, { state, reason, response, metadata }: Ended): Outcome {
  if (state === "gone") throw notFound("conversation_not_found");
  const answered = response === null ? exchange : { ...exchange, response, metadata };
  const hasFailed = state !== "complete" && !(reason === "cancelled" || state === "partial" && isLimit(reason));
  if (!hasFailed) return { exchange: answered };
  const failure = { detail: "The assistant could not reply, try again.", code: "responder_failed", [noun]: answered };
  return { exchange: answered, failure: failure as ReplyFailure };
}

/** What ends a reply by the rules of the model. */
const isLimit = (reason: Ended["reason"]) => reason === "length" || reason === "content_filter";

/** Sends an error in the stream, and logs it as the error handler of the app does. */
function sendError(send: Send, error: unknown, requestId: string): void {
  const refusal = error instanceof ApiError ? error : translate(error, {});
  if (!refusal) console.error(`request ${requestId} failed:`, error);
  else if (refusal.status >= 500) console.error(`request ${requestId}: ${(error as Error).message}`);
  send("error", refusal?.body ?? { detail: "Internal server error.", code: "internal_error" });
}
