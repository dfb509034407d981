interface Page {
  visibilityState: string;
  addEventListener(event: string, listener: () => void): void;
  removeEventListener(event: string, listener: () => void): void;
}

const page = globalThis as typeof globalThis & { document?: Page };

/** Whether the page is visible; true outside of browsers. */
export function visible(): boolean {
  return page.document?.visibilityState !== "hidden";
}

/**
 * Calls the listener when the page becomes visible, returns from the back/forward cache, or goes online.
 * @returns a function that unsubscribes
 */
export function onWake(listener: () => void): () => void {
  const seen = () => visible() && listener();
  page.document?.addEventListener("visibilitychange", seen);
  // These never fire outside of browsers.
  page.addEventListener?.("online", listener);
  page.addEventListener?.("pageshow", seen);
  return () => {
    page.document?.removeEventListener("visibilitychange", seen);
    page.removeEventListener?.("online", listener);
    page.removeEventListener?.("pageshow", seen);
  };
}
