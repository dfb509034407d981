import type { Claims } from "../auth/tokens.ts";
import { invalid, refused } from "../base/errors.ts";
import { tokensOf } from "../responder/context.sql.ts";
import { chooseResponder } from "../responder/responder.ts";
import { settings } from "../settings/settings.ts";
import { feedHere, generate, stopHere } from "./generation.ts";
import { ask, type Asked, begin, newestReply, type Place, type Reply, requestStop } from "./replies.sql.ts";
import { MAX_LENGTH } from "./text.ts";

/** The caller, and the id of the request for the log. */
export interface Asker {
  claims: Claims;
  requestId: string;
}

/**
 * Adds a question to a conversation of the caller and starts the reply, which does not depend on the request.
 * @param field what the API calls the text of the question.
 * @returns the question and the reply that is being written; null when it was answered before. Sent again with the same
 * `clientId` the question is that of the first time, and is answered once.
 * @throws ApiError 400 that names `field` when the question is too long; 404 for anyone else's conversation; 409 when
 * another reply is being written there, or the `clientId` was used for another text; 429 when too many are.
 */
export async function askAssistant(
  { claims, requestId }: Asker,
  conversationId: string,
  { content, clientId, field }: { content: string; clientId: string | null; field: string },
): Promise<Asked> {
  requireRoom(content, field);
  const asked = await ask(claims, conversationId, { content, clientId, responder: responderName() });
  const { id, replyId, isBegun } = asked;
  if (isBegun) generate({ claims, requestId, conversationId, questionId: id, replyId: replyId! });
  return asked;
}

/**
 * Starts another reply to a question.
 * @param question its text.
 * @returns the id of the reply; with a `clientId` of before, that of the reply of the first time.
 * @throws ApiError as `askAssistant`.
 */
export async function answerAgain(
  { claims, requestId }: Asker,
  place: Place,
  { question, clientId, field }: { question: string; clientId: string | null; field: string },
): Promise<number> {
  requireRoom(question, field);
  const { replyId, isBegun } = await begin(claims, place, { responder: responderName(), clientId });
  if (isBegun) generate({ claims, requestId, ...place, replyId });
  return replyId;
}

/**
 * Starts a reply that continues a partial one: it begins with its text.
 * @param partial its text; null when there is none, or it is complete.
 * @throws ApiError as `askAssistant`; 409 when there is nothing to continue.
 */
export async function continueReply(
  { claims, requestId }: Asker,
  place: Place,
  { question, partial, clientId, field }: {
    question: string;
    partial: string | null;
    clientId: string | null;
    field: string;
  },
): Promise<number> {
  requireRoom(question, field);
  const base = partial === null ? 0 : [...partial].length;
  if (base === 0 || base >= MAX_LENGTH) {
    throw refused("reply_complete", "There is no partial reply to continue.");
  }
  const { replyId, isBegun } = await begin(claims, place, { responder: responderName(), clientId, base });
  if (isBegun) generate({ claims, requestId, ...place, replyId, base: partial! });
  return replyId;
}

/**
 * Stops the newest reply to a question, whichever worker writes it; one that has ended stays as it is.
 * @returns the reply, which its worker ends within a second; undefined when there is none.
 */
export async function stopReply(claims: Claims, place: Place): Promise<Reply | undefined> {
  const reply = await newestReply(claims, place);
  if (reply?.state !== "running") return reply;
  if (feedHere(reply.id)) stopHere(reply.id);
  else await requestStop(claims, reply.id);
  return reply;
}

/** Raises 400 for a question that exceeds the context of the responder. */
function requireRoom(question: string, field: string): void {
  if (!settings.responderUrl()) return;
  const most = settings.responderContextTokens();
  const tokens = tokensOf(question);
  if (tokens <= most) return;
  throw invalid(
    field,
    `Too long for the assistant: it takes at most ${most} tokens, about ${(most - 4) * 4} bytes of text; ` +
      `this has about ${tokens}.`,
  );
}

/** The name of the responder; one that is misconfigured fails when it is called. */
function responderName(): string | undefined {
  try {
    return chooseResponder().name;
  } catch {
    return undefined;
  }
}
