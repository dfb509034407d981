/** Waits between attempts, longer each time, until something says that now is better. */
export class Backoff {
  #tries = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  /**
   * @param firstMs the first wait; each doubles the last
   * @param longestMs the longest wait
   */
  constructor(readonly firstMs: number, readonly longestMs = 15_000) {}

  /** Resolves after the next wait, or at `skip()`. */
  wait(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const longest = Math.min(this.firstMs * 2 ** this.#tries++, this.longestMs);
    return new Promise((resolve) => {
      // Not all at the same moment when a server comes back.
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait that is on. */
  skip(): void {
    this.#wake?.();
  }

  /** Ends the wait that is on; there is none any more. */
  close(): void {
    this.#closed = true;
    this.skip();
  }

  /** The next wait is a first one again. */
  reset(): void {
    this.#tries = 0;
  }
}
