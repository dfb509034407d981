import type { Message } from "../data/messages.ts";
import { type ChatStorage, load, save } from "../util/storage.ts";
import { exclusive, openTabChannel, type TabChannel } from "../util/tabs.ts";
import { type Unsent, without } from "./unsent.ts";

/** A message that left the queue; `message` is set if it was sent. */
export interface Removal {
  clientId: string;
  message?: Message;
}

/** A user's queue in storage, shared by all tabs of the browser. */
export class PersistentQueue {
  readonly #storage: ChatStorage | undefined;
  readonly #key: string;
  readonly #tabs: TabChannel<Removal> | undefined;
  #changes: Promise<void> = Promise.resolve();

  /** @param onRemoved called when another tab removes a message from the queue */
  constructor(storage: ChatStorage | undefined, userId: string, onRemoved: (removal: Removal) => void) {
    this.#storage = storage;
    this.#key = `parley.outbox.${userId}`;
    if (storage) this.#tabs = openTabChannel(this.#key, onRemoved);
  }

  /** Reads the stored queue after all pending changes. */
  async read(): Promise<readonly Unsent[]> {
    await this.#changes;
    return await this.#stored();
  }

  /** Changes the stored queue, without losing the changes of other tabs. */
  change(change: (list: readonly Unsent[]) => readonly Unsent[]): void {
    if (!this.#storage) return;
    const work = async () => {
      const list = change(await this.#stored());
      await save(this.#storage, this.#key, list.length > 0 ? list : undefined);
    };
    this.#changes = this.#changes.then(() => exclusive(this.#key, work));
  }

  /** Removes a message, in all tabs. */
  remove(removal: Removal): void {
    this.change((list) => without(list, removal.clientId));
    void this.#changes.then(() => this.#tabs?.send(removal));
  }

  close(): void {
    void this.#changes.then(() => this.#tabs?.close());
  }

  async #stored(): Promise<readonly Unsent[]> {
    const list = await load<Unsent[]>(this.#storage, this.#key);
    // Other code may write under this key.
    return Array.isArray(list) ? list.filter((each) => typeof each?.client_id === "string") : [];
  }
}
