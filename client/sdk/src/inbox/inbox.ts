import type { Connection } from "../connection/connection.ts";
import { InboxFeed } from "./inbox_feed.ts";
import { type InboxRoom, withReadMark } from "../data/inbox_room.ts";
import { IDLE, type InboxSnapshot } from "./inbox_snapshot.ts";
import { type Readable, Store } from "../util/store.ts";

/** The live list of rooms of whoever is signed in. */
export class Inbox implements Readable<InboxSnapshot> {
  readonly #connection: Connection;
  readonly #store = new Store(IDLE);
  #feed: InboxFeed | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onEnd(() => {
      this.stop();
      if (this.#store.isWatched) this.start(); // for who signs in next
    });
  }

  readonly subscribe = (listener: () => void) => {
    this.start();
    return this.#store.subscribe(listener);
  };

  readonly getSnapshot = () => this.#store.getSnapshot();

  /** Begins to follow; subscribing does so too. */
  start(): void {
    if (this.#connection.closed) return;
    this.#feed ??= new InboxFeed(this.#connection, this.#store);
  }

  /** Forgets the list, and follows no more. */
  stop(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#store.set(IDLE);
  }

  /** Reads one room again, which may be new or gone. */
  reread(roomId: number): void {
    this.#feed?.reread(roomId);
  }

  /** Reads the rooms after those that are held. */
  async more(): Promise<void> {
    await this.#feed?.more();
  }

  /** Moves the caller's mark in a room. */
  markRead(roomId: number, seq: number, unread?: number): void {
    this.#feed?.change(roomId, (room) => withReadMark(room, seq, unread));
  }

  /** Shows what the caller has set, before the list tells. */
  patch(roomId: number, fields: Partial<InboxRoom>): void {
    this.#feed?.change(roomId, (room) => ({ ...room, ...fields }));
  }
}
