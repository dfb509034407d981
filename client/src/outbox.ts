import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type ChatError } from "./errors.ts";
import { uuid } from "./ids.ts";
import type { Message } from "./messages.ts";
import type { Readable } from "./store.ts";
import { sendUnsent, type Unsent } from "./unsent.ts";
import { UnsentList } from "./unsent_list.ts";

/** How often the server may answer with its own failure before a message counts as refused. */
const PATIENCE = 5;

/**
 * The queue of unsent messages: sent one after the other, in order, and exactly once, however often the network fails
 * between; where there is storage it survives a reload. The snapshot lists them in order.
 */
export class Outbox implements Readable<readonly Unsent[]> {
  readonly #connection: Connection;
  readonly #list: UnsentList;
  readonly #backoff: Backoff;
  #sending: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#backoff = new Backoff(connection.retryMs);
    this.#list = new UnsentList(connection);
    connection.onWake(() => void this.flush());
    connection.onEnd(() => {
      this.#list.forget();
      this.#backoff.now();
    });
    void this.flush();
  }

  readonly subscribe = (listener: () => void) => this.#list.store.subscribe(listener);
  readonly getSnapshot = () => this.#list.store.getSnapshot();

  /**
   * Puts a message at the end of the queue.
   * @returns its client_id
   *
   * @example
   * ```ts
   * chat.outbox.add({ room_id: roomId, content: "As soon as I am online" });
   * ```
   */
  add(message: Pick<Unsent, "room_id" | "content"> & Partial<Unsent>): string {
    const entry: Unsent = {
      metadata: {},
      reply_to_id: null,
      forwarded_from_id: null,
      created_at: new Date().toISOString(),
      ...message,
      client_id: message.client_id ?? uuid(),
    };
    this.#list.change((list) => [...list, entry]);
    void this.flush();
    return entry.client_id;
  }

  /**
   * Tries a refused message again, at the end of the queue.
   *
   * @example
   * ```ts
   * for (const { client_id, error } of chat.outbox.getSnapshot()) if (error) chat.outbox.retry(client_id);
   * ```
   */
  retry(clientId: string): void {
    const entry = this.getSnapshot().find((each) => each.client_id === clientId);
    if (!entry) return;
    this.discard(clientId);
    const { error: _, ...again } = entry;
    this.add(again);
  }

  /**
   * Forgets a message that was not sent. One that is on its way just now may arrive all the same.
   *
   * @example
   * ```ts
   * chat.outbox.discard(clientId);
   * ```
   */
  discard(clientId: string): void {
    this.#list.leave({ clientId });
  }

  /**
   * Calls the receiver with each message that has been sent, before it leaves the queue.
   * @returns a function that ends it
   *
   * @example
   * ```ts
   * const stop = chat.outbox.onSent(({ room_id, seq }) => console.log(room_id, seq));
   * ```
   */
  onSent(receiver: (message: Message) => void): () => void {
    return this.#list.sent.add(receiver);
  }

  /**
   * Sends what waits, at once; resolves when nothing waits any more. It happens by itself.
   *
   * @example
   * ```ts
   * await chat.outbox.flush();
   * ```
   */
  flush(): Promise<void> {
    this.#backoff.now();
    return this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    try {
      await this.#list.adopt();
      for (let tries = 1, entry = this.#next(); entry; entry = this.#next()) {
        tries = await this.#attempt(entry, tries);
        if (!this.#list.kept) await this.#list.adopt(); // somebody else has signed in
      }
    } catch {
      // Nobody is signed in: whoever signs in comes here again.
    } finally {
      this.#sending = undefined;
    }
  }

  #next(): Unsent | undefined {
    return this.getSnapshot().find(({ error }) => !error);
  }

  /** @returns which try the next is */
  async #attempt(entry: Unsent, tries: number): Promise<number> {
    const kept = this.#list.kept;
    try {
      const message = await sendUnsent(this.#connection, entry);
      if (kept !== this.#list.kept) return 1;
      this.#backoff.reset();
      this.#list.leave({ clientId: entry.client_id, message });
      return 1;
    } catch (failure) {
      const error = asChatError(failure);
      if (kept !== this.#list.kept) return 1;
      if (!error.passing || tries >= PATIENCE && error.status === 500) return this.#refuse(entry, error);
      await this.#backoff.wait();
      return error.status === 500 ? tries + 1 : tries;
    }
  }

  #refuse(entry: Unsent, { code }: ChatError): number {
    this.#list.change((list) =>
      list.map((each) => each.client_id === entry.client_id ? { ...each, error: code } : each)
    );
    return 1;
  }
}
