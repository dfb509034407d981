import { defaultRangeExtractor, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";

/** How many parts next to those in view are in the document. */
const PARTS_AROUND = 2;

export type ListVirtualizer = Virtualizer<HTMLElement, HTMLElement>;

/**
 * Watches which parts of a list are near the view.
 * @param list the element whose children are the places of the parts, each with its index as `data-index`
 * @param onChange gets the keys of those near the view, and of those in use
 */
export function newVirtualizer(list: HTMLElement, onChange: (near: readonly number[]) => void): ListVirtualizer {
  const scroller = list.closest<HTMLElement>(".scroller")!;
  const virtualizer: ListVirtualizer = new Virtualizer({
    count: 0,
    getScrollElement: () => scroller,
    initialOffset: () => scroller.scrollTop,
    estimateSize: () => 1_000,
    observeElementRect,
    observeElementOffset,
    measureElement: (place, entry) => entry?.borderBoxSize[0]?.blockSize ?? place.getBoundingClientRect().height,
    // Only the keeper of the position scrolls.
    scrollToFn: () => {},
    overscan: PARTS_AROUND,
    rangeExtractor: (range) => {
      const inUse = [...list.children].flatMap((place, index) => isInUse(place) ? [index] : []);
      return [...defaultRangeExtractor(range), ...inUse];
    },
    onChange: ({ options, getVirtualIndexes }) =>
      onChange(getVirtualIndexes().map((index) => options.getItemKey(index) as number)),
  });
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = () => false;
  return virtualizer;
}

/** Whether the user would miss it: the focus or a selection is in it, or it plays. */
function isInUse(place: Element): boolean {
  if (!place.firstChild) return false;
  const selection = getSelection();
  return place.contains(document.activeElement) ||
    selection?.isCollapsed === false && selection.containsNode(place, true) ||
    [...place.querySelectorAll<HTMLMediaElement>("audio, video")].some(({ paused }) => !paused);
}
