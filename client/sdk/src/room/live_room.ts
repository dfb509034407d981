import type { Connection } from "../connection/connection.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { RoomEngine } from "./room_engine.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";
import { RoomWriting } from "./room_writing.ts";
import type { Readable } from "../util/store.ts";

export interface OpenOptions {
  /** Messages a page. Default 50. */
  pageSize?: number;
}

/**
 * An open room that stays as it is in the database: by events as they come, and by `sync` for what they did not tell.
 * Made by `chat.rooms.open(id)`; a store of RoomSnapshot.
 */
export class LiveRoom extends RoomWriting implements Readable<RoomSnapshot> {
  /** Resolves when the room is shown first, however long the network takes; rejects when it cannot be. */
  readonly ready: Promise<void>;
  readonly #onRead: (seq: number, unread: number) => void;

  constructor(
    connection: Connection,
    outbox: Outbox,
    id: number,
    { pageSize = 50 }: OpenOptions = {},
    onRead: (seq: number, unread: number) => void = () => {},
  ) {
    super(id, connection, new RoomEngine(connection, outbox, id, pageSize), outbox);
    this.#onRead = onRead;
    this.ready = this.engine.ready;
  }

  readonly subscribe = (listener: () => void) => this.engine.store.subscribe(listener);
  readonly getSnapshot = () => this.engine.store.getSnapshot();

  /**
   * Says that the caller is writing: call it at each key, it is told at most every 3 seconds, and forgotten after 6.
   *
   * @example
   * ```ts
   * input.addEventListener("input", () => room.typing());
   * ```
   */
  typing(): void {
    this.engine.presence?.type(true);
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
    this.engine.presence?.type(false);
  }

  /**
   * Marks as read what is shown, or up to a seq. Call it as often as you like: it is told at most twice a second.
   *
   * @example
   * ```ts
   * room.markRead();
   * ```
   */
  markRead(seq: number = this.engine.state.timeline.lastSeq): void {
    const marked = this.engine.markRead(seq);
    if (marked !== undefined) this.#onRead(marked, this.engine.state.room!.unread_count);
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
    this.engine.feed?.resume();
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
    this.engine.end(null);
  }
}
