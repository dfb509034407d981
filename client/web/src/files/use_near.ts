import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What is this close to the view is about to be seen. */
const MARGIN = "600px";

/** Whether an element has been near the view. */
export function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    if (isNear) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setIsNear(true);
    }, { root: element.current!.closest(".scroller"), rootMargin: MARGIN });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, [isNear]);
  return isNear;
}
