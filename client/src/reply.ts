import type { Connection } from "./connection.ts";
import { ChatError } from "./errors.ts";
import { failure, request } from "./reply_request.ts";
import { serverEvents } from "./server_events.ts";

/** A question and its answer, as the function tells them. */
export interface Exchange {
  /** The id of the question. */
  id: number;
  message: string;
  response: string | null;
  created_at: string;
  /** Of the answer: `responder` names who gave it, `partial` is true when it was cut short. */
  metadata: Record<string, unknown>;
}

/**
 * A reply that comes word by word: iterate over its parts, or wait for `finished`.
 *
 * @example
 * ```ts
 * for await (const part of chat.conversations.ask(conversation.id, "What is tea?")) console.log(part);
 * ```
 */
export class Reply implements AsyncIterable<string> {
  /** Resolves with the question as soon as it is kept. */
  readonly asked: Promise<Exchange>;
  /** Resolves with question and answer; with `response: null` when it was stopped. */
  readonly finished: Promise<Exchange>;
  readonly #abort = new AbortController();
  readonly #parts: string[] = [];
  readonly #read: Promise<Exchange>;
  #asked!: (question: Exchange) => void;
  /** Those who iterate and have all parts so far. */
  #waiting: (() => void)[] = [];
  #ended = false;

  constructor(connection: Connection, path: string, body: Record<string, unknown>) {
    const asked = new Promise<Exchange>((resolve) => this.#asked = resolve);
    this.#read = this.#run(connection, path, body).finally(() => {
      this.#ended = true;
      this.#tell();
    });
    this.finished = this.#read;
    this.asked = Promise.race([asked, this.#read]);
    // Whoever iterates is told by the iteration.
    this.finished.catch(() => {});
    this.asked.catch(() => {});
  }

  /**
   * Stops the reply; what came is kept as it is.
   *
   * @example
   * ```ts
   * const reply = chat.conversations.ask(conversation.id, "Tell me everything");
   * reply.stop();
   * ```
   */
  stop(): void {
    this.#abort.abort();
  }

  /**
   * The parts of the text as they come, from the first; several may iterate. Throws what `finished` rejects with.
   *
   * @example
   * ```ts
   * for await (const part of chat.conversations.ask(conversation.id, "And coffee?")) console.log(part);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for (let index = 0;;) {
      if (index < this.#parts.length) yield this.#parts[index++]!;
      else if (this.#ended) return void await this.#read;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #run(connection: Connection, path: string, body: Record<string, unknown>): Promise<Exchange> {
    let exchange: Exchange | undefined;
    try {
      const response = await request(connection, path, body, this.#abort.signal);
      for await (const { event, data } of serverEvents(response)) {
        if (event === "delta") this.#part(data.delta as string);
        else if (event === "error") throw failure(data, 502);
        else if (event === "chat" || event === "done") exchange = data as unknown as Exchange;
        if (event === "chat") this.#asked(exchange!);
        if (event === "done") return exchange!;
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw broken(error);
    }
    if (this.#abort.signal.aborted) {
      return exchange ?? { id: 0, message: "", response: null, created_at: "", metadata: {} };
    }
    throw broken();
  }

  #part(part: string): void {
    this.#parts.push(part);
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function broken(cause?: unknown): ChatError {
  if (cause instanceof ChatError) return cause;
  return new ChatError("offline", 0, "The connection ended before the reply did.", { cause });
}
