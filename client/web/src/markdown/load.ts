import type { Readable } from "parley-client";
import { useStore } from "../ui/use_store.ts";
import type * as Lazy from "./lazy.ts";

export type Parser = typeof Lazy;

/** The parser comes after the page. `undefined` while it loads; `null` if it could not be loaded: then texts show as they were typed. */
let parser: Parser | null | undefined;
let isLoading = false;
const listeners = new Set<() => void>();

const store: Readable<Parser | null | undefined> = {
  getSnapshot: () => parser,
  subscribe(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Loads the parser, unless it is there. */
export async function loadParser(): Promise<void> {
  if (parser || isLoading) return;
  isLoading = true;
  try {
    parser = await import("./lazy.ts");
  } catch {
    parser = null;
  }
  isLoading = false;
  for (const listener of listeners) listener();
}

/** Returns the parser; renders again when it has been loaded. */
export const useParser = () => useStore(store);

/** Returns the parser if it is there. */
export const loadedParser = (): Parser | null | undefined => parser;
