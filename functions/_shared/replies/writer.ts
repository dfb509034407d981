import type { Claims } from "../auth/tokens.ts";
import { isTransient, withRetries } from "../db/with_retries.ts";
import { type Chunk, writeReply } from "./replies.sql.ts";

/** A worker that dies loses at most the text of this time. */
const WRITE_INTERVAL_MS = 200;
/** How often the lease is extended, and a request to stop is noticed, while no text arrives. */
const HEARTBEAT_MS = 500;
/** Realtime refuses large payloads. */
const MAX_DELTA_LENGTH = 30_000;

/**
 * Stores a reply as it grows, so that every device can read it: a few times a second what came, or that the worker is
 * alive. While the database is away, the text waits.
 */
export class ReplyWriter {
  #waiting = "";
  /** The chunk that is on its way, until the database has confirmed it. */
  #next: Chunk | undefined;
  #index = 0;
  #written = 0;
  #heardAt = Date.now();
  #writing: Promise<void> | undefined;
  /** The lease is lost, or storing parts fails: the whole reply is stored at its end. */
  #isDetached = false;
  readonly #timer = setInterval(() => this.#tick(), WRITE_INTERVAL_MS);
  readonly #over = new AbortController();
  /** Aborts when the reply was stopped or deleted; its reason is `cancelled` or `gone`. */
  readonly over = this.#over.signal;

  constructor(readonly claims: Claims, readonly replyId: number) {}

  /** Takes a part of the reply, which is stored soon. */
  add(text: string): void {
    this.#waiting += text;
  }

  /** Stores the remaining text. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    if (this.#isDetached || !this.#waiting && !this.#next) return;
    await withRetries(() => this.#write()).catch((error) => this.#detach(error));
  }

  #tick(): void {
    if (this.#writing || this.#isDetached) return;
    if (!this.#waiting && !this.#next && Date.now() - this.#heardAt < HEARTBEAT_MS) return;
    this.#writing = this.#write().catch((error) => {
      if (!isTransient(error)) this.#detach(error);
    }).finally(() => this.#writing = undefined);
  }

  async #write(): Promise<void> {
    // Text that arrives during the write waits for the next one.
    let length = this.#waiting.length;
    do {
      if (!this.#next) {
        this.#next = this.#cut(length);
        length -= this.#next.text.length;
      }
      const verdict = await writeReply(this.claims, this.replyId, this.#next);
      this.#heardAt = Date.now();
      if (this.#next.text) this.#index++;
      this.#written += [...this.#next.text].length;
      this.#next = undefined;
      if (verdict === "lost") this.#isDetached = true;
      else if (verdict === "stopped") this.#over.abort("cancelled");
      else if (verdict === "gone") this.#over.abort("gone");
      if (verdict !== "running") return;
    } while (length > 0);
  }

  #cut(length: number): Chunk {
    const text = this.#waiting.slice(0, Math.min(length, MAX_DELTA_LENGTH)).replace(/[\ud800-\udbff]$/, "");
    this.#waiting = this.#waiting.slice(text.length);
    return { index: this.#index, charsBefore: this.#written, text };
  }

  #detach(error: Error): void {
    this.#isDetached = true;
    // The caller may not act any more: a job ends the reply with the text so far.
    if (/^PT40[13]$/.test((error as { code?: string }).code ?? "")) return this.#over.abort("gone");
    console.error(`The parts of reply ${this.replyId} cannot be stored: ${error.message}`);
  }
}
