/** A set of listeners. An exception in one does not affect the others: it is reported as uncaught. */
export class Listeners<Args extends unknown[] = []> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /**
   * Adds a listener.
   * @returns a function that removes it
   */
  add(listener: (...args: Args) => void): () => void {
    // A new function, so that one listener can be added twice.
    const entry = (...args: Args) => listener(...args);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Whether there are any listeners. */
  get hasAny(): boolean {
    return this.#listeners.size > 0;
  }

  notify(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
