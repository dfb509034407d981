/** Where the outbox survives a reload: `localStorage` or anything with the same methods, also asynchronous. */
export interface ChatStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** Returns the browser's storage, if it exists and access is allowed. */
export function defaultStorage(): ChatStorage | undefined {
  try {
    return (globalThis as { localStorage?: ChatStorage }).localStorage ?? undefined;
  } catch {
    return undefined; // blocked by the browser's settings
  }
}

/** Reads JSON; invalid content counts as absent. */
export async function load<T>(storage: ChatStorage | undefined, key: string): Promise<T | undefined> {
  try {
    const text = await storage?.getItem(key);
    return text ? JSON.parse(text) as T : undefined;
  } catch {
    return undefined;
  }
}

/** Writes JSON. If storage is full or blocked, only persistence across reloads is lost. */
export async function save(storage: ChatStorage | undefined, key: string, value: unknown): Promise<void> {
  try {
    await (value === undefined ? storage?.removeItem(key) : storage?.setItem(key, JSON.stringify(value)));
  } catch {
    // As stated above.
  }
}
