import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { lazyPart } from "../../ui/lazy.tsx";

const virtual = lazyPart(() => import("./virtualizer.ts"));

/** A list with fewer parts is shown whole. */
const MANY_PARTS = 8;

/** Where a part of the list is, or was. */
export interface Place {
  ref: ((element: HTMLElement | null) => void) | undefined;
  /** The height of the empty place; undefined while the part is shown. */
  height: number | undefined;
}

/**
 * Takes parts of a long list out of the document while they are far from the view, and keeps their places empty. What is
 * in view stays where it is, also if a part above it has another height when it comes back.
 * @param list the element whose children are the places, each with its index as `data-index`
 * @param keys what identifies the parts, in order
 * @param isKept whether a part is always shown
 */
export function useWindow(
  list: RefObject<HTMLElement | null>,
  keys: readonly number[],
  isKept: (index: number) => boolean,
): Place[] {
  const library = virtual.usePart(keys.length > MANY_PARTS);
  /** The keys of parts near the view; undefined until they are known. */
  const [near, setNear] = useState<readonly number[]>();
  const virtualizer = useMemo(() => library?.newVirtualizer(list.current!, setNear), [library]);
  virtualizer?.setOptions({ ...virtualizer.options, count: keys.length, getItemKey: (index) => keys[index]! });
  useEffect(() => virtualizer?._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer?._willUpdate());

  const places = keys.map((key, index): Place => ({
    ref: virtualizer?.measureElement,
    height: !near || near.includes(key) || isKept(index) ? undefined : virtualizer!.itemSizeCache.get(key),
  }));
  const emptied = useRef(new Map<number, number | undefined>());
  useLayoutEffect(() => {
    for (const [index, key] of keys.entries()) {
      const before = emptied.current.get(key);
      if (before === undefined || places[index]!.height !== undefined) continue;
      const scroller = list.current!.closest(".scroller")!;
      const { top, height } = list.current!.children[index]!.getBoundingClientRect();
      if (top + before <= scroller.getBoundingClientRect().top) scroller.scrollTop += height - before;
    }
    emptied.current = new Map(keys.map((key, index) => [key, places[index]!.height]));
  });
  return places;
}
