import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { ScrollKeeper } from "../../ui/scroll_keeper.ts";

/** Keeps the place in a scroller; `undefined` until that is on the page. */
export function useKeeper(scroller: RefObject<HTMLElement | null>): ScrollKeeper | undefined {
  const [keeper, setKeeper] = useState<ScrollKeeper>();
  useLayoutEffect(() => {
    const keeper = new ScrollKeeper(scroller.current!);
    setKeeper(keeper);
    // The keyboard of a phone, or a longer line to write on, takes room away.
    const resized = new ResizeObserver(() => keeper.atEnd && keeper.toEnd());
    resized.observe(scroller.current!);
    return () => resized.disconnect();
  }, []);
  return keeper;
}
