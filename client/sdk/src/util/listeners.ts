/** Who is told of something. One who throws keeps it from nobody else: as of an event of the platform, it is uncaught. */
export class Listeners<Args extends unknown[] = []> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /**
   * Tells this listener too.
   * @returns a function that ends it
   */
  add(listener: (...args: Args) => void): () => void {
    // Of its own, so that one function may listen twice.
    const entry = (...args: Args) => listener(...args);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Whether there are any. */
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
