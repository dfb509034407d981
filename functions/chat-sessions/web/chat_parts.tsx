/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import type { Exchange as Chat } from "../../_shared/replies/exchange.ts";
import { href, paths } from "./links.ts";

/** A message and its reply, or the way to get one; the script follows a reply that is being written. */
export const chatParts = (c: Context, sessionId: string, chat: Chat, isRunning = false) => {
  const { id, message, response, created_at, metadata } = chat;
  const isPartial = metadata.partial === true;
  return (
    <>
      <article class="said mine" aria-label="You">
        <p class="text">{message}</p>
        <time datetime={created_at}>{shortTime(created_at)}</time>
      </article>
      {isRunning ? running(c, sessionId, id) : (
        <article class="said reply" aria-label="Assistant">
          {response !== null && <p class="text">{response}</p>}
          {response === null && <p class="hint">There is no reply yet.</p>}
          {isPartial && <p class="hint">This reply was cut short.</p>}
          {response !== null && isPartial && act(href(c, paths.continue(sessionId, id)), "Continue")}
          {(response === null || isPartial) && act(href(c, paths.regenerate(sessionId, id)), "Try again")}
        </article>
      )}
    </>
  );
};

const running = (c: Context, sessionId: string, id: number) => (
  <article class="said reply" aria-label="Assistant" data-reply={href(c, paths.reply(sessionId, id))}>
    <p class="hint">
      The reply is being written. <a href={href(c, paths.session(sessionId))}>Show what there is now</a>
    </p>
    {act(href(c, paths.stop(sessionId, id)), "Stop", "stop")}
  </article>
);

const act = (action: string, label: string, kind = "again") => (
  <form class={kind} method="post" action={action}>
    <button type="submit" class="quiet">{label}</button>
  </form>
);

/** The input of a form with one field, and its error. */
export interface Typed {
  value: string;
  error?: string;
}

/** Where a message is written: in a session, or one that begins one. */
export const composer = (c: Context, action: string, { value, error }: Typed = { value: "" }) => (
  <form class="composer" method="post" action={href(c, action)}>
    <label for="message">Message</label>
    <textarea
      id="message"
      name="message"
      rows={2}
      required
      autofocus
      aria-describedby="message-error"
      aria-invalid={error ? "true" : undefined}
    >
      {value}
    </textarea>
    <input type="hidden" name="client_id" value={crypto.randomUUID()} />
    <button type="submit">Send</button>
    {complaint("message-error", error)}
  </form>
);

/** The error of a form; empty until the script or the next response sets it. */
export const complaint = (id: string, error = "") => <p class="error" id={id} role="alert">{error}</p>;

/** In UTC, as the server knows no other; the script writes it in the visitor's own time. */
const shortTime = (time: string) => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
