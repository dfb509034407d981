import { useEffect, useState } from "preact/hooks";
import { useLoading } from "../ui/use_loading.ts";

const PAGE_SIZE = 50;

/**
 * A list that is read by pages.
 * @param read reads the page before an id
 * @param key reads from the start when it changes
 */
export function usePages<T extends { id: number }>(
  read: (page: { limit: number; before?: number }) => Promise<T[]>,
  key?: unknown,
) {
  const [items, setItems] = useState<T[]>();
  const [hasMore, setHasMore] = useState(false);
  const { isLoading, failure, start } = useLoading();

  function load(before?: number): void {
    start(() => read({ limit: PAGE_SIZE, ...(before !== undefined && { before }) }), (next) => {
      setItems((items = []) => before === undefined ? next : [...items, ...next]);
      setHasMore(next.length === PAGE_SIZE);
    });
  }

  useEffect(() => load(), [key]);
  return { items, isLoading, failure, reload: () => load(), more: hasMore ? () => load(items?.at(-1)?.id) : undefined };
}
