/** Where the queue of unsent messages survives a reload: `localStorage`, or anything like it, also asynchronous. */
export interface ChatStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** The browser's storage where there is one and it may be used. */
export function defaultStorage(): ChatStorage | undefined {
  try {
    return (globalThis as { localStorage?: ChatStorage }).localStorage ?? undefined;
  } catch {
    return undefined; // forbidden by the browser's settings
  }
}

/** Reads JSON; what cannot be read counts as absent. */
export async function load<T>(storage: ChatStorage | undefined, key: string): Promise<T | undefined> {
  try {
    const text = await storage?.getItem(key);
    return text ? JSON.parse(text) as T : undefined;
  } catch {
    return undefined;
  }
}

/** Writes JSON; a full or forbidden storage loses only what a reload would need. */
export async function save(storage: ChatStorage | undefined, key: string, value: unknown): Promise<void> {
  try {
    await (value === undefined ? storage?.removeItem(key) : storage?.setItem(key, JSON.stringify(value)));
  } catch {
    // As said above.
  }
}
