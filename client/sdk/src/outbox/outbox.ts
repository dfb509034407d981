import type { Connection } from "../connection/connection.ts";
import type { Message } from "../data/messages.ts";
import { uuid } from "../util/ids.ts";
import type { Readable } from "../util/store.ts";
import { OutboxSender } from "./outbox_sender.ts";
import type { Unsent } from "./unsent.ts";
import { UnsentList } from "./unsent_list.ts";

/**
 * The queue of unsent messages. They are sent in order and exactly once, however often the network fails. With storage,
 * the queue survives a reload. The snapshot lists the messages in order.
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
   * Adds a message to the end of the queue.
   * @param message the room and the text, and any other field of Unsent
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
   * Retries a refused message, at the end of the queue.
   * @param clientId the client_id of the message
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
   * Removes an unsent message. If it is being sent at this moment, it may still arrive.
   * @param clientId the client_id of the message
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
   * Calls the receiver with each message that was sent, before it leaves the queue.
   * @param receiver receives the stored message
   * @returns a function that unsubscribes
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
   * Sends the queue now. This happens automatically.
   * @returns a promise that resolves when the queue is empty, or when no one is signed in
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
