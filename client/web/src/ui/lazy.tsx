import { type FunctionComponent, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { reportError } from "./notices.tsx";

const loads: (() => Promise<unknown>)[] = [];

/**
 * A component that is not part of the first load of the page.
 * @param load imports it
 */
export function lazy<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let loaded: FunctionComponent<P> | undefined;
  const loadOnce = async () => loaded ??= await load();
  loads.push(loadOnce);
  return function Lazy(props) {
    const [component, setComponent] = useState(() => loaded);
    useEffect(() => {
      if (component) return;
      loadOnce().then((found) => setComponent(() => found), (error) => {
        reportError(error);
        (props as { onClose?: () => void }).onClose?.();
      });
    }, []);
    return component ? h(component, props) : null;
  };
}

/** Loads all of them, so that they open at once, also without a network. */
export function loadAll(): void {
  for (const load of loads) load().catch(() => {}); // tried again when it is shown
}
