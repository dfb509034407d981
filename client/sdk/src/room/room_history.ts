import type { Connection } from "../connection/connection.ts";
import { ChatError } from "../util/errors.ts";
import type { Message, SentMessage } from "../data/messages.ts";
import type { RoomEngine } from "./room_engine.ts";
import { readMessages, searchMessages, type SearchOptions } from "../data/room_queries.ts";

/** Older messages of an open room, and single ones: a part of LiveRoom. */
export class RoomHistory {
  #loading: Promise<void> | undefined;

  constructor(readonly id: number, protected readonly connection: Connection, protected readonly engine: RoomEngine) {}

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
    if (!this.#loading) await this.#load(() => this.engine.state.loadOlder(limit));
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
    await this.engine.ready; // before, nothing is known to be older
    await this.#load(async () => {
      const { timeline } = this.engine.state;
      const from = Math.max(seq, 1);
      for (let before = 0; timeline.firstSeq > from && timeline.firstSeq !== before;) {
        before = timeline.firstSeq;
        await this.engine.state.loadOlder(Math.min(before - from, 1_000));
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
    return this.engine.state.timeline.find(messageId);
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
      await this.engine.state.timeline.refer(() => readMessages(this.connection, [messageId]));
      this.engine.show();
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
    return searchMessages(this.connection, query, options, this.id);
  }

  /** Loads what is older, after what is being loaded. */
  async #load(load: () => Promise<void>): Promise<void> {
    const { engine } = this;
    while (this.#loading) await this.#loading.catch(() => {});
    if (engine.closed) return;
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
