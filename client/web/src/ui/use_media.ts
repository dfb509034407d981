import { useEffect, useState } from "preact/hooks";

/** The width up to which one column is shown, as in phone.css. */
export const ONE_COLUMN = "(max-width: 46rem)";

/** Whether the window meets the condition of a media query. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setMatches(media.matches);
    changed();
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [query]);
  return matches;
}
