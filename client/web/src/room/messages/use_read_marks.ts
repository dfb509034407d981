import type { LiveRoom } from "parley-client";
import { useEffect, useMemo } from "preact/hooks";
import type { ScrollKeeper } from "../../ui/scroll_keeper.ts";

/**
 * Marks messages in view as read while the user is looking at the page.
 * @returns a function to call when other messages may be in view
 */
export function useReadMarks(room: LiveRoom, keeper: ScrollKeeper | undefined, isPlaced: boolean): () => void {
  const mark = useMemo(() => {
    let isAsked = false;
    return () => {
      if (isAsked || !keeper) return;
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        if (keeper.isMoving || document.visibilityState === "hidden" || !document.hasFocus()) return;
        const seq = keeper.lastSeqInView();
        if (seq) room.markRead(seq);
      });
    };
  }, [room, keeper]);
  useEffect(() => {
    if (!isPlaced) return;
    mark();
    addEventListener("focus", mark);
    document.addEventListener("visibilitychange", mark);
    return () => {
      removeEventListener("focus", mark);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [mark, isPlaced]);
  return mark;
}
