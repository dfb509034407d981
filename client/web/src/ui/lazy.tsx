import { type FunctionComponent, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reportError } from "./notices.tsx";

const loads: (() => Promise<unknown>)[] = [];

/**
 * Something that is not part of the first load of the page.
 * @param load imports it
 */
export function lazyPart<T>(load: () => Promise<T>) {
  let loaded: T | undefined;
  const loadOnce = async () => loaded ??= await load();
  /** Loads it once it is wanted, and returns it when it is there; renders again then. */
  function usePart(isWanted: boolean, onFailed: () => void = () => {}): T | undefined {
    const [part, setPart] = useState(() => loaded);
    useEffect(() => {
      if (!isWanted || part) return;
      loadOnce().then((found) => setPart(() => found), (error) => {
        reportError(error);
        onFailed();
      });
    }, [isWanted]);
    return part;
  }
  return { loadOnce, usePart };
}

/**
 * A component that is not part of the first load of the page.
 * @param load imports it
 * @param isAhead whether `loadAll` loads it
 */
export function lazy<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
  isAhead = true,
): FunctionComponent<P> {
  const { loadOnce, usePart } = lazyPart(load);
  if (isAhead) loads.push(loadOnce);
  return function Lazy(props) {
    const component = usePart(true, (props as { onClose?: () => void }).onClose);
    return component ? h(component, props) : null;
  };
}

/** Loads all of them, so that they open at once, also without a network. */
export function loadAll(): void {
  for (const load of loads) load().catch(() => {}); // tried again when it is shown
}
