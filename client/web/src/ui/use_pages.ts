import { useEffect, useRef, useState } from "preact/hooks";
import { type Failure, useLoading } from "./use_loading.ts";

const PAGE_SIZE = 50;

/** What to read: so many items, which follow the one with this cursor. */
export interface Page<C> {
  limit: number;
  before?: C;
}

interface PagesOptions<T, C> {
  /** Reads from the start when it changes. */
  key?: unknown;
  /** How many items a page has. Default 50. */
  size?: number;
  /** What the next page continues from; default the id of the last item. */
  cursorOf?: (item: T) => C;
}

/** A list that is read by pages. `PageEnd` shows its end. */
export interface Pages<T> {
  /** What has been read; undefined until something is. */
  items: T[] | undefined;
  isLoading: boolean;
  failure: Failure | undefined;
  /** Reads from the start. */
  reload: () => void;
  /** Reads the first page again, and shows nothing of it but what is new; what follows it stays. */
  refresh: () => void;
  /** Takes an item from what is shown, once it is dealt with. */
  remove: (item: T) => void;
  /** Reads the next page; undefined if there is none. */
  more: (() => void) | undefined;
}

const sameAs = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Reads a list by pages.
 * @param read reads a page
 */
export function usePages<T, C = number>(
  read: (page: Page<C>) => Promise<T[]>,
  { key, size = PAGE_SIZE, cursorOf = (item) => (item as { id: C }).id }: PagesOptions<T, C> = {},
): Pages<T> {
  const [items, setItems] = useState<T[]>();
  const shown = useRef(items);
  shown.current = items;
  const [next, setNext] = useState<C>();
  const { isLoading, failure, start, refresh } = useLoading();

  function load(before?: C): void {
    start(() => read({ limit: size, ...(before !== undefined && { before }) }), (found) => {
      const last = found.at(-1);
      setItems((items = []) => before === undefined ? found : [...items, ...found]);
      setNext(() => last !== undefined && found.length === size ? cursorOf(last) : undefined);
    });
  }

  function takeFirst(found: T[]): void {
    const last = found.at(-1);
    const isWhole = last === undefined || found.length < size;
    const known = shown.current ?? [];
    const place = isWhole ? -1 : known.findIndex((item) => sameAs(cursorOf(item), cursorOf(last)));
    const following = place < 0 ? [] : known.slice(place + 1);
    setItems([...found, ...following]);
    if (following.length === 0) setNext(() => isWhole ? undefined : cursorOf(last));
  }

  useEffect(() => load(), [key]);
  return {
    items,
    isLoading,
    failure,
    reload: () => load(),
    refresh: () => refresh(() => read({ limit: size }), takeFirst),
    remove: (item) => setItems((items) => items?.filter((other) => other !== item)),
    more: next === undefined ? undefined : () => load(next),
  };
}
