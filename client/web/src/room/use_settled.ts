import type { RoomMessage } from "parley-client";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/**
 * Marks messages that have been drawn once: from then on the browser knows their height, and need not draw them while
 * they are out of view (`content-visibility` in the styles).
 */
export function useSettled(scroller: RefObject<HTMLElement | null>, messages: readonly RoomMessage[]): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const element of scroller.current?.querySelectorAll<HTMLElement>(".message:not([data-settled])") ?? []) {
        element.dataset.settled = "";
      }
    }, 500);
    return () => clearTimeout(timer);
  }, [messages]);
}
