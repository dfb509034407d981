import { createStore, delMany, get, set, type UseStore } from "idb-keyval";

/** Where files that wait to be sent survive a reload: IndexedDB, or anything with these methods. */
export interface FileStorage {
  get(id: string): Promise<Blob | undefined>;
  set(id: string, body: Blob): Promise<unknown>;
  delete(ids: readonly string[]): Promise<unknown>;
}

/** Returns the browser's database, if there is one. */
export function defaultFileStorage(): FileStorage | undefined {
  if (!("indexedDB" in globalThis)) return undefined;
  let opened: UseStore | undefined;
  const store = () => opened ??= createStore("parley-files", "bodies");
  return {
    get: (id) => get(id, store()),
    set: (id, body) => set(id, body, store()),
    delete: (ids) => delMany([...ids], store()),
  };
}
