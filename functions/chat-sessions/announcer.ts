import { asUser } from "../_shared/db.ts";
import type { Claims } from "../_shared/tokens.ts";

const INTERVAL = 100;
/** Realtime refuses large payloads. */
const MAX_DELTA = 30_000;

/** Tells the topic of a conversation how a reply grows: `reply.delta`, about ten a second, numbered from 0. */
export class Announcer {
  #waiting = "";
  #index = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> = Promise.resolve();
  readonly #gone = new AbortController();
  /** Aborts when the conversation turns out to be gone: nothing more of the reply is wanted. */
  readonly gone = this.#gone.signal;

  constructor(readonly claims: Claims, readonly conversationId: string, readonly questionId: number) {}

  /** Takes a part of the reply, to be told soon. */
  add(delta: string): void {
    this.#waiting += delta;
    this.#timer ??= setTimeout(() => this.#flush(), INTERVAL);
  }

  /** Tells what is still waiting; resolves when all is told. */
  end(): Promise<void> {
    this.#flush();
    return this.#sending;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#tell()).catch((error) => {
      if (error.message === "conversation_not_found") return this.#gone.abort();
      // An event is a hint: the reply is kept all the same.
      console.error(`reply.delta was not sent: ${error.message}`);
    });
  }

  async #tell(): Promise<void> {
    let text = this.#waiting;
    this.#waiting = "";
    while (text) {
      const delta = text.slice(0, MAX_DELTA).replace(/[\ud800-\udbff]$/, "");
      text = text.slice(delta.length);
      const payload = JSON.stringify({ reply_to_id: this.questionId, index: this.#index++, delta });
      await asUser(this.claims, (sql) => [
        sql`select chat_private.announce_reply(${this.conversationId}, 'reply.delta', ${payload}::text::jsonb)`,
      ]);
    }
  }
}
