import type { FileStorage } from "../util/file_storage.ts";

/** What is in the files that wait to be sent. */
export class FileBodies {
  readonly #storage: FileStorage | undefined;
  readonly #memory = new Map<string, Blob>();

  constructor(storage: FileStorage | undefined) {
    this.#storage = storage;
  }

  /** Keeps a file. If storage is full or blocked, it is lost with the page. */
  keep(id: string, body: Blob): void {
    this.#memory.set(id, body);
    this.#try((storage) => storage.set(id, body));
  }

  async find(id: string): Promise<Blob | undefined> {
    return this.#memory.get(id) ?? await this.#try((storage) => storage.get(id));
  }

  /** Deletes files that were sent or discarded. */
  delete(ids: readonly string[]): void {
    for (const id of ids) this.#memory.delete(id);
    if (ids.length > 0) this.#try((storage) => storage.delete(ids));
  }

  /** Forgets all files but these until they are read from storage again. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#memory.keys()) if (!ids.has(id)) this.#memory.delete(id);
  }

  async #try<T>(work: (storage: FileStorage) => Promise<T>): Promise<T | undefined> {
    try {
      return this.#storage && await work(this.#storage);
    } catch {
      return undefined; // full, blocked, or closed by the browser
    }
  }
}
