import { Listeners } from "./listeners.ts";

/**
 * A readable store for views: React's `useSyncExternalStore(store.subscribe, store.getSnapshot)`. Snapshots are
 * immutable; a snapshot, and each list in it, stays the same object until it changes.
 */
export interface Readable<T> {
  /**
   * Calls the listener after each change.
   * @returns a function that unsubscribes
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Returns the current snapshot. */
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

  /** Whether it has subscribers. */
  get isWatched(): boolean {
    return this.#listeners.hasAny;
  }

  /** Replaces the value and notifies subscribers. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#listeners.notify();
  }

  /** Replaces some fields of an object, and notifies subscribers if one differs. */
  patch(fields: Partial<T>): void {
    const hasChanged = (Object.keys(fields) as (keyof T)[]).some((name) => !Object.is(fields[name], this.#value[name]));
    if (hasChanged) this.set({ ...this.#value, ...fields });
  }
}
