import { useEffect, useState } from "preact/hooks";
import { reportError } from "./notices.tsx";

/** Returns the results of a search that starts when the user stops typing; `undefined` while the text is empty. */
export function useSearch<T>(text: string, search: (text: string) => Promise<T>, delay = 200): T | undefined {
  const [found, setFound] = useState<{ text: string; result: T }>();
  const wanted = text.trim();
  useEffect(() => {
    if (!wanted) return;
    let stale = false;
    const timer = setTimeout(async () => {
      try {
        const result = await search(wanted);
        if (!stale) setFound({ text: wanted, result });
      } catch (error) {
        if (!stale) reportError(error);
      }
    }, delay);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [wanted]);
  return wanted ? found?.result : undefined;
}
