import type { Connection } from "../connection/connection.ts";
import { Backoff } from "../util/backoff.ts";
import { asChatError, ChatError } from "../util/errors.ts";
import { type AssistantRequest, failure, request } from "./reply_request.ts";
import { serverEvents } from "./server_events.ts";

/** A question and its reply, as the assistant's function returns them. */
export interface Exchange {
  /** The id of the question. */
  id: number;
  message: string;
  response: string | null;
  created_at: string;
  /** Metadata of the reply: `responder` names the model, `partial` is true if it was cut short. */
  metadata: Record<string, unknown>;
}

/** How often a lost stream is reopened, with delays that grow to 15 seconds. */
const MAX_RETRIES = 6;
const REPLACED = "Another reply was requested since.";
const STREAM_HEADERS = { Accept: "text/event-stream" };

const replyOf = (eventId: string | undefined) => eventId?.split("-")[0];

/**
 * A streamed reply: iterate over its parts, or await `finished`. After a lost connection it resumes where it was.
 *
 * @example
 * ```ts
 * for await (const part of chat.conversations.ask(conversation.id, "What is tea?")) console.log(part);
 * ```
 */
export class Reply implements AsyncIterable<string> {
  /** Resolves with the question as soon as it is stored. */
  readonly asked: Promise<Exchange>;
  /**
   * Resolves with the question and its reply, or with `response: null` if it was stopped here. Rejects with `offline`
   * after a long disconnect; the reply is still written, and `open()` shows it.
   */
  readonly finished: Promise<Exchange>;
  readonly #connection: Connection;
  readonly #conversationId: string;
  /** Aborts reading; the reply itself continues. */
  readonly #left = new AbortController();
  readonly #parts: string[] = [];
  readonly #read: Promise<Exchange>;
  #asked!: (question: Exchange) => void;
  #exchange: Exchange | undefined;
  /** The id of the last event. */
  #last: string | undefined;
  #isStopping = false;
  /** Iterators that have consumed all parts so far. */
  #waiting: (() => void)[] = [];
  #hasEnded = false;

  constructor(connection: Connection, conversationId: string, path: string, body: Record<string, unknown>) {
    this.#connection = connection;
    this.#conversationId = conversationId;
    const asked = new Promise<Exchange>((resolve) => this.#asked = resolve);
    this.#read = this.#run({ path: `${conversationId}/${path}`, method: "POST", body, headers: STREAM_HEADERS })
      .finally(() => {
        this.#hasEnded = true;
        this.#notify();
      });
    this.finished = this.#read;
    this.asked = Promise.race([asked, this.#read]);
    // An iterator throws the error itself.
    this.finished.catch(() => {});
    this.asked.catch(() => {});
  }

  /**
   * Stops the reply. The text so far is stored.
   *
   * @example
   * ```ts
   * const reply = chat.conversations.ask(conversation.id, "Tell me everything");
   * reply.stop();
   * ```
   */
  stop(): void {
    this.#isStopping = true;
    // Until the question is stored there is nothing to stop.
    if (this.#exchange) this.#left.abort();
  }

  /** Stops reading; the reply is written to its end. @internal */
  leave(): void {
    this.#left.abort();
  }

  /**
   * Yields all parts of the text, including earlier ones. Several loops can iterate. Throws what `finished` rejects
   * with.
   *
   * @example
   * ```ts
   * for await (const part of chat.conversations.ask(conversation.id, "And coffee?")) console.log(part);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for (let index = 0;;) {
      if (index < this.#parts.length) yield this.#parts[index++]!;
      else if (this.#hasEnded) return void await this.#read;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #run(first: AssistantRequest): Promise<Exchange> {
    const backoff = new Backoff(this.#connection.retryMs);
    for (let tries = 0;; tries++) {
      const before = this.#last;
      try {
        const exchange = await this.#listen(this.#exchange ? this.#resumption() : first);
        if (exchange) return exchange;
      } catch (error) {
        if (!this.#left.signal.aborted && !this.#isLost(error)) throw error;
      }
      if (this.#left.signal.aborted) break;
      if (this.#last !== before) {
        tries = 0;
        backoff.reset();
      }
      if (!this.#exchange || tries === MAX_RETRIES) throw new ChatError("offline", 0, "The connection was lost.");
      await backoff.wait();
    }
    if (!this.#isStopping) throw new ChatError("closed", 0, "The reply was closed before it finished.");
    await this.#sendStop();
    return this.#exchange!;
  }

  /** Reads a stream. Resolves with undefined if it breaks off. */
  async #listen(asking: AssistantRequest): Promise<Exchange | undefined> {
    const response = await request(this.#connection, asking, this.#left.signal);
    for await (const { event, data, id } of serverEvents(response)) {
      if (event === "error") throw failure(data, 502);
      if (event === "delta") {
        if (this.#last && replyOf(id) !== replyOf(this.#last)) throw new ChatError("reply_not_found", 404, REPLACED);
        this.#last = id;
        this.#part(data.delta as string);
      } else if (event === "exchange") {
        this.#asked(this.#exchange ??= data as unknown as Exchange);
        if (this.#isStopping) this.#left.abort();
      } else if (event === "done") return data as unknown as Exchange;
      if (this.#left.signal.aborted) return undefined;
    }
  }

  #resumption(): AssistantRequest {
    const after = this.#last ? `?after=${this.#last}` : "";
    return { path: `${this.#chat}/reply/${after}`, method: "GET", headers: STREAM_HEADERS };
  }

  /** Whether the connection failed rather than the reply. */
  #isLost(error: unknown): boolean {
    return !(error instanceof ChatError) || this.#exchange !== undefined && error.passing;
  }

  async #sendStop(): Promise<void> {
    await stopReply(this.#connection, this.#conversationId, this.#exchange!.id);
  }

  get #chat(): string {
    return `${this.#conversationId}/questions/${this.#exchange!.id}`;
  }

  #part(part: string): void {
    this.#parts.push(part);
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/**
 * Stops the reply to a question, whichever device requested it.
 * @throws ChatError
 */
export async function stopReply(connection: Connection, conversationId: string, questionId: number): Promise<Exchange> {
  const backoff = new Backoff(connection.retryMs);
  const path = `${conversationId}/questions/${questionId}/stop/`;
  for (let tries = 1;; tries++) {
    try {
      return await request<Exchange>(connection, { path, method: "POST", body: {} });
    } catch (failure) {
      const error = asChatError(failure);
      if (!error.passing || tries === MAX_RETRIES) throw error;
      await backoff.wait();
    }
  }
}
