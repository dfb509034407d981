import { Listeners } from "./listeners.ts";

/**
 * What a view needs to show something that changes: React's `useSyncExternalStore(store.subscribe, store.getSnapshot)`.
 * A snapshot is never changed, and stays the same object until something in it changes; so do the lists in it.
 */
export interface Readable<T> {
  /**
   * Calls the listener after each change.
   * @returns a function that ends it
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** What stands now. */
  readonly getSnapshot: () => T;
}

/** A store that its owner writes. */
export class Store<T> implements Readable<T> {
  readonly #listeners = new Listeners();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  readonly getSnapshot = (): T => this.#value;

  readonly subscribe = (listener: () => void): () => void => this.#listeners.add(listener);

  /** Whether anybody listens. */
  get isWatched(): boolean {
    return this.#listeners.hasAny;
  }

  /** Puts another value in place, and tells. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.notify();
  }

  /** Replaces some fields of an object, and tells when one differs. */
  patch(fields: Partial<T>): void {
    const differs = (Object.keys(fields) as (keyof T)[]).some((name) => !Object.is(fields[name], this.#value[name]));
    if (differs) this.set({ ...this.#value, ...fields });
  }
}
