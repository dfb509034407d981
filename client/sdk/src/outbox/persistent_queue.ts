import type { Message } from "../data/messages.ts";
import { type ChatStorage, load, save } from "../util/storage.ts";
import { exclusive, openTabChannel, type TabChannel } from "../util/tabs.ts";
import { type Unsent, without } from "./unsent.ts";

/** What has left the queue in another tab, and as which message, if it was sent. */
export interface Removal {
  clientId: string;
  message?: Message;
}

/** Where the queue of a user survives a reload, for all tabs of a browser. */
export class PersistentQueue {
  readonly #storage: ChatStorage | undefined;
  readonly #key: string;
  readonly #tabs: TabChannel<Removal> | undefined;
  #changes: Promise<void> = Promise.resolve();

  /** @param onRemoved is called when a message has left the queue in another tab */
  constructor(storage: ChatStorage | undefined, userId: string, onRemoved: (removal: Removal) => void) {
    this.#storage = storage;
    this.#key = `parley.outbox.${userId}`;
    if (storage) this.#tabs = openTabChannel(this.#key, onRemoved);
  }

  /** What is kept, after all changes. */
  async read(): Promise<readonly Unsent[]> {
    await this.#changes;
    return await this.#stored();
  }

  /** Changes what is kept, whatever other tabs change meanwhile. */
  change(change: (list: readonly Unsent[]) => readonly Unsent[]): void {
    if (!this.#storage) return;
    const work = async () => {
      const list = change(await this.#stored());
      await save(this.#storage, this.#key, list.length > 0 ? list : undefined);
    };
    this.#changes = this.#changes.then(() => exclusive(this.#key, work));
  }

  /** Takes a message out, in all tabs. */
  remove(removal: Removal): void {
    this.change((list) => without(list, removal.clientId));
    void this.#changes.then(() => this.#tabs?.send(removal));
  }

  close(): void {
    void this.#changes.then(() => this.#tabs?.close());
  }

  async #stored(): Promise<readonly Unsent[]> {
    const list = await load<Unsent[]>(this.#storage, this.#key);
    // Whatever else may write there.
    return Array.isArray(list) ? list.filter((each) => typeof each?.client_id === "string") : [];
  }
}
