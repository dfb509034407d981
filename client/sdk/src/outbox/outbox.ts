import type { Connection } from "../connection/connection.ts";
import { uuid } from "../util/ids.ts";
import type { Message } from "../data/messages.ts";
import { OutboxSender } from "./outbox_sender.ts";
import type { Readable } from "../util/store.ts";
import type { Unsent } from "./unsent.ts";
import { UnsentList } from "./unsent_list.ts";

/**
 * The queue of unsent messages: sent one after the other, in order, and exactly once, however often the network fails
 * between; where there is storage it survives a reload. The snapshot lists them in order.
 */
export class Outbox implements Readable<readonly Unsent[]> {
  readonly #list: UnsentList;
  readonly #sender: OutboxSender;

  constructor(connection: Connection) {
    this.#list = new UnsentList(connection);
    this.#sender = new OutboxSender(connection, this.#list);
    connection.onWake(() => void this.flush());
    connection.onEnd(() => {
      this.#list.clear();
      this.#sender.wake();
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
    this.#list.remove({ clientId });
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
   * Sends what waits, at once; resolves when nothing waits any more, or nobody is signed in. It happens by itself.
   *
   * @example
   * ```ts
   * await chat.outbox.flush();
   * ```
   */
  flush(): Promise<void> {
    return this.#sender.flush();
  }
}
