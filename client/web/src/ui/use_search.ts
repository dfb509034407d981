import { useEffect, useState } from "preact/hooks";
import { type Failure, useLoading } from "./use_loading.ts";

/** How long after the last key a search starts. */
export const SEARCH_DELAY_MS = 200;

/** What a search has found: `undefined` before it has found anything, and while the text is empty. */
export interface Search<T> {
  found: T | undefined;
  failure: Failure | undefined;
}

/**
 * Searches when the user stops typing.
 * @param filter what else narrows the search: it searches again when this changes, and without a text unless it is empty.
 */
export function useSearch<T>(text: string, search: (text: string) => Promise<T>, filter = ""): Search<T> {
  const [found, setFound] = useState<T>();
  const { failure, start, cancel } = useLoading();
  const wanted = text.trim();
  const isSearching = wanted !== "" || filter !== "";
  useEffect(() => {
    if (!isSearching) return;
    const timer = setTimeout(() => start(() => search(wanted), setFound), SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [wanted, filter]);
  return isSearching ? { found, failure } : { found: undefined, failure: undefined };
}
