import type { Connection } from "../connection/connection.ts";
import { callForMessage, type Message, type SentMessage } from "../data/messages.ts";
import { readMessages, searchMessages, type SearchOptions } from "../data/room_queries.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { SendOptions } from "../outbox/unsent.ts";
import { ChatError } from "../util/errors.ts";
import type { Readable } from "../util/store.ts";
import { RoomEngine } from "./room_engine.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";

export interface OpenOptions {
  /** Messages a page. Default 50. */
  pageSize?: number;
}

/**
 * An open room that stays as it is in the database: by events as they come, and by `sync` for what they did not tell.
 * Made by `chat.rooms.open(id)`; a store of RoomSnapshot.
 */
export class LiveRoom implements Readable<RoomSnapshot> {
  /** Resolves when the room is shown first, however long the network takes; rejects when it cannot be. */
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #engine: RoomEngine;
  readonly #onRead: (seq: number, unread: number) => void;
  #loading: Promise<void> | undefined;

  constructor(
    connection: Connection,
    outbox: Outbox,
    readonly id: number,
    { pageSize = 50 }: OpenOptions = {},
    onRead: (seq: number, unread: number) => void = () => {},
  ) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#engine = new RoomEngine(connection, outbox, id, pageSize);
    this.#onRead = onRead;
    this.ready = this.#engine.ready;
  }

  readonly subscribe = (listener: () => void) => this.#engine.store.subscribe(listener);
  readonly getSnapshot = () => this.#engine.store.getSnapshot();

  /**
   * Sends a message: it shows at once, as `sending`, and is sent when there is a network, after those before it.
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.send("Tea at five?");
   * room.send("Yes!", { replyTo: message.id });
   * ```
   */
  send(content: string, { replyTo, metadata }: SendOptions = {}): string {
    this.#engine.presence?.sendTyping(false);
    return this.#outbox.add({ room_id: this.id, content, reply_to_id: replyTo ?? null, metadata: metadata ?? {} });
  }

  /**
   * Sends a refused message again.
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.retry(message.client_id);
   * }
   * ```
   */
  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  /**
   * Forgets a message that was not sent.
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.discard(message.client_id);
   * }
   * ```
   */
  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /**
   * Sends what a message says to another room, through the queue.
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.forward(message.id, otherRoomId);
   * ```
   */
  forward(messageId: number, roomId: number): string {
    const content = this.find(messageId)?.content ?? "";
    return this.#outbox.add({ room_id: roomId, content, forwarded_from_id: messageId });
  }

  /**
   * Changes one's own message.
   * @throws ChatError message_not_found, sender_required
   *
   * @example
   * ```ts
   * await room.edit(message.id, "Tea at six?");
   * ```
   */
  async edit(messageId: number, content: string): Promise<void> {
    await this.#engine.change(callForMessage(this.#connection, "edit_message", { message_id: messageId, content }));
  }

  /**
   * Leaves a tombstone in place of one's own message, or, as owner or admin, of any.
   * @throws ChatError message_not_found, role_required
   *
   * @example
   * ```ts
   * await room.delete(message.id);
   * ```
   */
  async delete(messageId: number): Promise<void> {
    await this.#engine.change(callForMessage(this.#connection, "delete_message", { message_id: messageId }));
  }

  /**
   * Pins a message for everyone in the room.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.pin(message.id);
   * ```
   */
  async pin(messageId: number): Promise<void> {
    await this.#connection.run("pin_message", { message_id: messageId });
  }

  /**
   * Unpins a message; if it was not pinned, nothing changes.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.unpin(message.id);
   * ```
   */
  async unpin(messageId: number): Promise<void> {
    await this.#connection.run("unpin_message", { message_id: messageId });
  }

  /**
   * Says that the caller is writing: call it at each key, it is told at most every 3 seconds, and forgotten after 6.
   *
   * @example
   * ```ts
   * input.addEventListener("input", () => room.typing());
   * ```
   */
  typing(): void {
    this.#engine.presence?.sendTyping(true);
  }

  /**
   * Says that the caller has stopped writing. Sending says so too.
   *
   * @example
   * ```ts
   * input.addEventListener("blur", () => room.stopTyping());
   * ```
   */
  stopTyping(): void {
    this.#engine.presence?.sendTyping(false);
  }

  /**
   * Marks as read what is shown, or up to a seq. Call it as often as you like: it is told at most twice a second.
   *
   * @example
   * ```ts
   * room.markRead();
   * ```
   */
  markRead(seq: number = this.#engine.state.timeline.lastSeq): void {
    const marked = this.#engine.markRead(seq);
    if (marked !== undefined) this.#onRead(marked, this.#engine.state.room!.unread_count);
  }

  /**
   * Shows a page of older messages, if none is being loaded.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (room.getSnapshot().hasOlder) await room.loadOlder();
   * ```
   */
  async loadOlder(limit?: number): Promise<void> {
    if (!this.#loading) await this.#load(() => this.#engine.state.loadOlder(limit));
  }

  /**
   * Shows all messages from a seq on, to jump to one found or replied to.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [found] = await room.search("tea");
   * if (found) await room.loadFrom(found.seq);
   * ```
   */
  async loadFrom(seq: number): Promise<void> {
    await this.#engine.ready; // before, nothing is known to be older
    await this.#load(async () => {
      const { timeline } = this.#engine.state;
      const from = Math.max(seq, 1);
      for (let before = 0; timeline.firstSeq > from && timeline.firstSeq !== before;) {
        before = timeline.firstSeq;
        await this.#engine.state.loadOlder(Math.min(before - from, 1_000));
      }
    });
  }

  /**
   * A message that is held: shown, or referred to by a reply or a pin.
   *
   * @example
   * ```ts
   * const quoted = message.reply_to_id && room.find(message.reply_to_id);
   * ```
   */
  find(messageId: number): SentMessage | undefined {
    return this.#engine.state.timeline.find(messageId);
  }

  /**
   * A message of the room, asked for where it is not held.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * const { content } = await room.message(message.id);
   * ```
   */
  async message(messageId: number): Promise<SentMessage> {
    if (!this.find(messageId)) {
      await this.#engine.state.timeline.loadReferences(() => readMessages(this.#connection, [messageId]));
      this.#engine.show();
    }
    const found = this.find(messageId);
    if (!found) throw new ChatError("message_not_found", 404, "No such message.");
    return found;
  }

  /**
   * Messages of the room that hold the words in any form, or the text as a part, newest first.
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const found = await room.search("tea", { limit: 20 });
   * ```
   */
  search(query: string, options: SearchOptions = {}): Promise<Message[]> {
    return searchMessages(this.#connection, query, options, this.id);
  }

  /**
   * Asks for what has changed. It happens by itself after a hole, a reconnect, when the page is looked at again, and
   * when the token was renewed.
   *
   * @example
   * ```ts
   * room.sync();
   * ```
   */
  sync(): void {
    this.#engine.feed?.resume();
  }

  /**
   * Stops following the room. What waits in the queue is still sent.
   *
   * @example
   * ```ts
   * room.close();
   * ```
   */
  close(): void {
    this.#engine.end(null);
  }

  /** Loads what is older, after what is being loaded. */
  async #load(load: () => Promise<void>): Promise<void> {
    const engine = this.#engine;
    while (this.#loading) await this.#loading.catch(() => {});
    if (engine.isClosed) return;
    engine.store.patch({ loadingOlder: true });
    this.#loading = load();
    try {
      await this.#loading;
    } finally {
      this.#loading = undefined;
      engine.store.patch({ loadingOlder: false });
      engine.show();
    }
  }
}
