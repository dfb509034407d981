import { asUser } from "../_shared/db.ts";
import { ApiError, notFound } from "../_shared/errors.ts";
import { hold, left } from "../_shared/relay/lifetime.ts";
import { contextRows } from "../_shared/responder/context.sql.ts";
import { CutShort, describeFailure } from "../_shared/responder/endpoint.ts";
import { chooseResponder } from "../_shared/responder/responder.ts";
import { settings } from "../_shared/responder/settings.ts";
import { Announcer } from "./announcer.ts";
import type { Chat } from "./chats.sql.ts";
import { announceFailure, keepReply, type Question } from "./replies.sql.ts";
import { ReplyText } from "./reply-text.ts";

const LAST_MOMENT = 5000;
const ending = new AbortController();
addEventListener("beforeunload", () => ending.abort(new Error("The worker ends.")));

/** 502: there is no reply, or not all of it. The cause goes into the log, the chat does not. */
class ResponderFailed extends ApiError {
  constructor(chat: Chat, cause: string) {
    super(502, { detail: "The reply could not be made, try again.", code: "responder_failed", chat });
    this.message = cause;
  }
}

/**
 * Has a question answered, and keeps the reply; when it breaks off or nobody waits for it any more, as much as came.
 * No transaction is open while the responder is waited for.
 * @param signal aborts when the client is gone.
 * @param onDelta hears the parts of the reply.
 * @throws ApiError 502 with the chat as it is then; 404 when the session is gone.
 */
export function reply(question: Question, signal: AbortSignal, onDelta: (delta: string) => void): Promise<Chat> {
  const replying = run(question, signal, onDelta);
  // Without its client, the worker would seem idle.
  hold(replying.catch(() => {}));
  return replying;
}

async function run(question: Question, signal: AbortSignal, onDelta: (delta: string) => void): Promise<Chat> {
  const { claims, sessionId, chat } = question;
  const announcer = new Announcer(claims, sessionId, chat.id);
  const text = new ReplyText();
  const wanted = AbortSignal.any([untilEnd(signal), announcer.gone]);
  const { responder, isWhole, failure } = await generate(question, wanted, text, (delta) => {
    announcer.add(delta);
    onDelta(delta);
  });
  await announcer.end();
  const [code, cause] = signal.aborted
    ? ["cancelled", "The client went away before the reply was whole."] as const
    : ["responder_failed", `The responder failed: ${failure ?? "it said nothing"}`] as const;
  if (!text.whole.trim()) {
    await announceFailure(question, code);
    throw new ResponderFailed(chat, cause);
  }
  const metadata = { responder, ...(!isWhole && { partial: true }) };
  const answered = await keepReply(question, text.whole, metadata, failure ? code : undefined);
  if (failure) throw new ResponderFailed(answered, cause);
  return answered;
}

/** Aborts also when the worker must end; near that, there is time for a short reply. */
function untilEnd(signal: AbortSignal): AbortSignal {
  const time = Math.max(left(), LAST_MOMENT);
  return AbortSignal.any([signal, ending.signal, ...(time < Infinity ? [AbortSignal.timeout(time)] : [])]);
}

async function generate(
  { claims, sessionId, chat }: Question,
  signal: AbortSignal,
  text: ReplyText,
  onDelta: (delta: string) => void,
): Promise<{ responder?: string; isWhole: boolean; failure?: string }> {
  const [turns] = await asUser(claims, (sql) => [contextRows(sql, sessionId, chat.id, settings.contextTokens())]);
  if (turns.length === 0) throw notFound("conversation_not_found");
  let name: string | undefined;
  try {
    const responder = chooseResponder();
    name = responder.name;
    for await (const part of responder.respond([...turns], signal)) {
      const delta = text.add(part);
      if (delta) onDelta(delta);
      if (text.isFull) break;
    }
    return { responder: name, isWhole: !text.isFull };
  } catch (error) {
    const cause = error instanceof CutShort ? {} : { failure: describeFailure(error) };
    return { responder: name, isWhole: false, ...cause };
  }
}
