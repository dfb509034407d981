import type { Claims } from "../auth/tokens.ts";
import { ApiError } from "../base/errors.ts";
import { keepAlive, remainingLifetime, shutdown } from "../base/worker.ts";
import { withRetries } from "../db/with_retries.ts";
import { describeFailure } from "../responder/endpoint.ts";
import { chooseResponder } from "../responder/responder.ts";
import { CutShort } from "../responder/response_stream.ts";
import { settings } from "../settings/settings.ts";
import { continuing } from "./continuing.ts";
import { type Ended, Feed, type Reason } from "./feed.ts";
import { finishReply, type Place, readTurns } from "./replies.sql.ts";
import { ReplyText } from "./text.ts";
import { ReplyWriter } from "./writer.ts";

/** A reply to generate in this worker. */
export interface Task extends Place {
  claims: Claims;
  replyId: number;
  /** The request that asked for it, for the log. */
  requestId: string;
  /** The partial reply that it continues. */
  base?: string;
}

const MIN_GENERATION_MS = 5000;

interface Running {
  feed: Feed;
  stop: AbortController;
}

const running = new Map<number, Running>();

/** The feed of a reply that this worker writes. */
export const feedHere = (replyId: number): Feed | undefined => running.get(replyId)?.feed;

/** Stops a reply that this worker writes, with its text so far. */
export const stopHere = (replyId: number): void => running.get(replyId)?.stop.abort();

/**
 * Generates and stores a reply, whether or not a client waits for it, for as long as the worker lives. No transaction is
 * open while the responder is writing.
 */
export function generate(task: Task): Feed {
  const feed = new Feed();
  const stop = new AbortController();
  running.set(task.replyId, { feed, stop });
  const work = write(task, feed, stop.signal)
    .then((ended) => feed.end(ended), (error) => feed.fail(error))
    .finally(() => running.delete(task.replyId));
  keepAlive(work);
  return feed;
}

async function write(task: Task, feed: Feed, stop: AbortSignal): Promise<Ended> {
  const { claims, replyId, base = "" } = task;
  const writer = new ReplyWriter(claims, replyId);
  const text = new ReplyText();
  const take = (part: string) => {
    const fresh = text.add(part);
    feed.add(fresh);
    writer.add(fresh);
  };
  take(base);
  const { reason, failure, usage } = await listen(task, AbortSignal.any([stop, writer.over]), text, take);
  await writer.end();
  if (failure) console.error(`request ${task.requestId}: The responder failed: ${failure}`);
  const state = reason ? "partial" : "complete";
  try {
    return await withRetries(() => finishReply(claims, replyId, { content: text.whole, state, reason, usage }));
  } catch (error) {
    if (error instanceof ApiError ? error.status === 404 : isGone(error)) return gone;
    console.error(`request ${task.requestId}: The reply ${replyId} could not be kept:`, error);
    throw error;
  }
}

const gone: Ended = { state: "gone", reason: null, response: null, metadata: {} };
const isGone = (error: unknown) => (error as Error).message === "conversation_not_found";

interface Outcome {
  reason: Reason | null;
  /** The failure of a responder, without secrets, for the log. */
  failure?: string;
  usage?: unknown;
}

/** Reads the responder's stream to its end. */
async function listen(task: Task, stop: AbortSignal, text: ReplyText, take: (part: string) => void): Promise<Outcome> {
  const end = untilEnd();
  const signal = AbortSignal.any([stop, end]);
  try {
    const budget = settings.responderContextTokens();
    const turns = await withRetries(() => readTurns(task.claims, task, budget));
    if (turns.length === 0) return { reason: "cancelled" };
    signal.throwIfAborted();
    const responder = chooseResponder();
    const asked = task.base === undefined ? turns : continuing(turns, task.base, budget);
    let usage: unknown;
    for await (const part of responder.respond(asked, signal, (given) => usage = given)) {
      take(part);
      if (text.isFull) return { reason: "length", usage };
    }
    const said = text.whole.slice(task.base?.length ?? 0);
    return said.trim() ? { reason: null, usage } : { reason: "responder_failed", failure: "it said nothing" };
  } catch (error) {
    if (error instanceof CutShort) return { reason: error.reason };
    if (stop.aborted) return { reason: "cancelled" };
    if (end.aborted) return { reason: "worker_ended" };
    return { reason: "responder_failed", failure: describeFailure(error) };
  }
}

/** Aborts when the worker must end, but leaves time for a short reply. */
function untilEnd(): AbortSignal {
  const time = Math.max(remainingLifetime(), MIN_GENERATION_MS);
  return AbortSignal.any([shutdown, ...(time < Infinity ? [AbortSignal.timeout(time)] : [])]);
}
