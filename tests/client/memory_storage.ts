import type { ChatStorage } from "../../client/sdk/src/index.ts";

/** What localStorage is to the tabs of a browser: it survives a tab. */
export class MemoryStorage implements ChatStorage {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}
