interface Page {
  visibilityState: string;
  addEventListener(event: string, listener: () => void): void;
  removeEventListener(event: string, listener: () => void): void;
}

const page = globalThis as typeof globalThis & { document?: Page };

/** Whether somebody may be looking: true outside of browsers. */
export function visible(): boolean {
  return page.document?.visibilityState !== "hidden";
}

/**
 * Tells when the page is looked at again, comes back from the browser's cache, or the device is online again.
 * @returns a function that ends it
 */
export function onWake(listener: () => void): () => void {
  const seen = () => visible() && listener();
  page.document?.addEventListener("visibilitychange", seen);
  // Outside of browsers these never happen.
  page.addEventListener?.("online", listener);
  page.addEventListener?.("pageshow", seen);
  return () => {
    page.document?.removeEventListener("visibilitychange", seen);
    page.removeEventListener?.("online", listener);
    page.removeEventListener?.("pageshow", seen);
  };
}
