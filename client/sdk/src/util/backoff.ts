/** Delays between attempts that grow exponentially, and that can be cut short. */
export class Backoff {
  #tries = 0;
  #wake: (() => void) | undefined;
  #isClosed = false;

  /**
   * @param firstMs the first delay, doubled after each attempt
   * @param longestMs the longest delay
   */
  constructor(readonly firstMs: number, readonly longestMs = 15_000) {}

  /**
   * Resolves after the next delay, or at `skip()`.
   * @param seconds what the server has asked for, if it has
   */
  wait(seconds = 0): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const longest = Math.min(this.firstMs * 2 ** this.#tries++, this.longestMs);
    return new Promise((resolve) => {
      // Jitter, so that clients do not return all at once.
      const timer = setTimeout(resolve, seconds * 1000 + longest * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the current delay. */
  skip(): void {
    this.#wake?.();
  }

  /** Ends the current delay; there are no more. */
  close(): void {
    this.#isClosed = true;
    this.skip();
  }

  /** Starts again with the first delay. */
  reset(): void {
    this.#tries = 0;
  }
}
