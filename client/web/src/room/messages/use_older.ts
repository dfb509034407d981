import type { LiveRoom, RoomSnapshot } from "parley-client";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { fail } from "../../ui/notices.tsx";

/** Older messages are asked for when the first one is this near. */
const ahead = "800px 0px 0px 0px";

/** Loads older messages before one has scrolled to the first. */
export function useOlder(
  scroller: RefObject<HTMLElement | null>,
  room: LiveRoom,
  { hasOlder, loadingOlder, messages }: RoomSnapshot,
  placed: boolean,
): void {
  useEffect(() => {
    const line = scroller.current?.querySelector(".older");
    if (!line || !placed || !hasOlder || loadingOlder) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void room.loadOlder().catch(fail);
    }, { root: scroller.current, rootMargin: ahead });
    observer.observe(line);
    return () => observer.disconnect();
  }, [room, placed, hasOlder, loadingOlder, messages[0]?.key]);
}
