import type { Connection } from "../connection/connection.ts";
import { type Counts, type InboxRoom, withReadMark } from "../data/inbox_room.ts";
import type { Message } from "../data/messages.ts";
import { Listeners } from "../util/listeners.ts";
import { type Readable, Store } from "../util/store.ts";
import { InboxFeed } from "./inbox_feed.ts";
import { IDLE, type InboxSnapshot } from "./inbox_snapshot.ts";

/** The live list of rooms of the signed-in user. */
export class Inbox implements Readable<InboxSnapshot> {
  readonly #connection: Connection;
  readonly #store = new Store(IDLE);
  readonly #messages = new Listeners<[Message]>();
  readonly #gaps = new Listeners<[]>();
  #feed: InboxFeed | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEnd(() => {
      this.stop();
      if (this.#store.isWatched) this.start(); // for the next user
    });
  }

  readonly subscribe = (listener: () => void) => {
    this.start();
    return this.#store.subscribe(listener);
  };

  readonly getSnapshot = () => this.#store.getSnapshot();

  /** Calls the listener with each message that events tell as new, edited or deleted. Returns a function that ends that. */
  onMessage(listener: (message: Message) => void): () => void {
    return this.#messages.add(listener);
  }

  /** Calls the listener when rooms have changed without an event of it. Returns a function that ends that. */
  onGap(listener: () => void): () => void {
    return this.#gaps.add(listener);
  }

  /** Starts following; `subscribe` does so too. */
  start(): void {
    if (this.#connection.isClosed) return;
    this.#feed ??= new InboxFeed(this.#connection, this.#store, {
      onMessage: (message) => this.#messages.notify(message),
      onGap: () => this.#gaps.notify(),
    });
  }

  /** Clears the list and stops following. */
  stop(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#store.set(IDLE);
  }

  /** Reads one room again, which may be new or deleted. */
  reread(roomId: number): void {
    this.#feed?.reread(roomId);
  }

  /** Loads the next page of rooms. */
  async more(): Promise<void> {
    await this.#feed?.more();
  }

  /** Moves the caller's read mark in a room. */
  markRead(roomId: number, seq: number, unread?: Counts): void {
    this.#feed?.change(roomId, (room) => withReadMark(room, seq, unread));
  }

  /** Shows a change by the caller at once, before the server's list contains it. */
  patch(roomId: number, fields: Partial<InboxRoom>): void {
    this.#feed?.set(roomId, fields);
  }
}
