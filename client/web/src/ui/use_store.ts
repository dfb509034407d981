import type { Readable } from "parley-client";
import { useLayoutEffect, useReducer } from "preact/hooks";

/** Returns the snapshot of a store; the component renders again when it changes. */
export function useStore<T>(store: Readable<T>): T {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const shown = store.getSnapshot();
  useLayoutEffect(() => {
    if (store.getSnapshot() !== shown) draw(undefined);
    return store.subscribe(() => draw(undefined));
  }, [store]);
  return shown;
}
