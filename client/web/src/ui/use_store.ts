import type { Readable } from "parley-client";
import { useLayoutEffect, useMemo, useReducer } from "preact/hooks";

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

/** A hidden page draws no frames. */
const MAX_FRAME_MS = 200;

/** Like `useStore`, for a store that may change many times a frame: the component renders once in each. */
export function useStoreByFrame<T>(store: Readable<T>): T {
  const slow = useMemo(() => byFrame(store), [store]);
  return useStore(slow);
}

function byFrame<T>({ getSnapshot, subscribe }: Readable<T>): Readable<T> {
  return {
    getSnapshot,
    subscribe(listener) {
      let frame = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const cancel = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
        timer = undefined;
      };
      const draw = () => {
        cancel();
        listener();
      };
      const stop = subscribe(() => {
        if (timer !== undefined) return;
        frame = requestAnimationFrame(draw);
        timer = setTimeout(draw, MAX_FRAME_MS);
      });
      return () => {
        cancel();
        stop();
      };
    },
  };
}
