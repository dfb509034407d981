import type { Connection } from "../connection/connection.ts";
import type { QueuedFile } from "../files/new_file.ts";
import type { Message } from "../data/messages.ts";
import type { ChatError } from "../util/errors.ts";
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

  /** Returns the first message of each room, in order, unless it waits for its files: then it holds up those after it. */
  firsts(): Unsent[] {
    const seen = new Set<number>();
    return this.store.getSnapshot().filter(({ error, room_id, files }) => {
      if (error || seen.has(room_id)) return false;
      seen.add(room_id);
      return !files?.some(isWaiting);
    });
  }

  /** Returns the first file that waits to be sent, and its message. */
  nextFile(): { entry: Unsent; file: QueuedFile } | undefined {
    for (const entry of this.store.getSnapshot()) {
      const file = entry.error ? undefined : entry.files?.find(isWaiting);
      if (file) return { entry, file };
    }
    return undefined;
  }

  /** Finds a file of the queue. */
  file(id: string): QueuedFile | undefined {
    return this.store.getSnapshot().flatMap(({ files = [] }) => files).find((file) => file.id === id);
  }

  /** Shows how much of a file has gone out. This is not stored. */
  showProgress({ client_id }: Unsent, { id }: QueuedFile, progress: number): void {
    this.store.set(this.store.getSnapshot().map(changed(client_id, withFile(id, { progress }))));
  }

  fileArrived({ client_id }: Unsent, { id }: QueuedFile): void {
    this.#changeOne(client_id, withFile(id, { progress: 1, uploaded: true }));
  }

  /** The server has lost the files: they have to be sent again. */
  repeatFiles({ client_id }: Unsent): void {
    this.#changeOne(client_id, (entry) => ({ ...withoutProgress(entry), repeated: true }));
  }

  /** Takes a file out of a message. */
  removeFile(clientId: string, fileId: string): void {
    this.#changeOne(clientId, ({ files = [], ...entry }) => ({
      ...entry,
      files: files.filter(({ id }) => id !== fileId),
    }));
  }

  /** The server does not take a message. */
  refuse({ client_id }: Unsent, { code }: ChatError): void {
    this.#changeOne(client_id, (entry) => ({ ...entry, error: code }));
  }

  #changeOne(clientId: string, change: (entry: Unsent) => Unsent): void {
    this.change((list) => list.map(changed(clientId, change)));
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
    // What waits for a moderator is sent again: the server says what became of it.
    for (const entry of others) if (entry.error === "message_held") delete entry.error;
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

const isWaiting = ({ uploaded }: QueuedFile) => !uploaded;

const changed = (clientId: string, change: (entry: Unsent) => Unsent) => (entry: Unsent) =>
  entry.client_id === clientId ? change(entry) : entry;

const withFile = (id: string, change: Partial<QueuedFile>) => (entry: Unsent): Unsent => ({
  ...entry,
  files: entry.files?.map((file) => file.id === id ? { ...file, ...change } : file) ?? [],
});

const withoutProgress = ({ files = [], ...entry }: Unsent): Unsent => ({
  ...entry,
  files: files.map((file) => ({ ...file, progress: 0, uploaded: false })),
});
