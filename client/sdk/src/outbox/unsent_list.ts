import type { Connection } from "../connection/connection.ts";
import type { Message } from "../data/messages.ts";
import { Listeners } from "../util/listeners.ts";
import { Store } from "../util/store.ts";
import { PersistentQueue, type Removal } from "./persistent_queue.ts";
import { type Unsent, without } from "./unsent.ts";

/** The unsent messages of the signed-in user, in the snapshot and in storage. */
export class UnsentList {
  readonly store = new Store<readonly Unsent[]>([]);
  /** Listeners for each message that was sent. */
  readonly sent = new Listeners<[Message]>();
  /** Undefined until the user is known. */
  persisted: PersistentQueue | undefined;
  readonly #connection: Connection;
  #userId: string | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Changes the snapshot, and the stored queue in the same way. */
  change(change: (list: readonly Unsent[]) => readonly Unsent[]): void {
    this.store.set(change(this.store.getSnapshot()));
    this.persisted?.change(change);
  }

  /** Returns the first message that waits to be sent. */
  next(): Unsent | undefined {
    return this.store.getSnapshot().find(({ error }) => !error);
  }

  /** Removes a message, here and in other tabs. */
  remove(removal: Removal): void {
    this.#drop(removal);
    this.persisted?.remove(removal);
  }

  /**
   * Loads what a reload or a closed tab has left in storage.
   * @throws ChatError not_signed_in, closed
   */
  async restore(): Promise<void> {
    const user = await this.#connection.userId();
    const persisted = this.persisted ??= this.#begin(user);
    const stored = await persisted.read();
    if (persisted !== this.persisted) return await this.restore();
    const mine = this.store.getSnapshot();
    const ids = new Set(mine.map(({ client_id }) => client_id));
    const others = stored.filter(({ client_id }) => !ids.has(client_id));
    if (others.length > 0) this.store.set([...others, ...mine]);
  }

  /** The session has ended: the stored queue waits for the same user. */
  clear(): void {
    this.persisted?.close();
    this.persisted = undefined;
    if (this.store.getSnapshot().length > 0) this.store.set([]);
  }

  #begin(userId: string): PersistentQueue {
    // Messages written after a sign-out must not be sent as the next user.
    if (this.#userId && this.#userId !== userId) this.store.set([]);
    this.#userId = userId;
    const persisted = new PersistentQueue(
      this.#connection.storage,
      userId,
      (removal) => this.#removedElsewhere(removal),
    );
    const early = this.store.getSnapshot();
    if (early.length > 0) persisted.change((list) => [...list, ...early]);
    return persisted;
  }

  #removedElsewhere(removal: Removal): void {
    if (this.store.getSnapshot().some(({ client_id }) => client_id === removal.clientId)) this.#drop(removal);
  }

  #drop({ clientId, message }: Removal): void {
    if (message) this.sent.notify(message);
    this.store.set(without(this.store.getSnapshot(), clientId));
  }
}
