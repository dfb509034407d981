import type { Readable } from "../util/store.ts";
import { Store } from "../util/store.ts";

/** Why the caller may not use the chat. */
export interface Suspension {
  /** When it ends by itself; undefined if it lasts until it is lifted. */
  until: Date | undefined;
  /** What the operator says about it; undefined if nothing, as for a ban of Auth. */
  reason: string | undefined;
}

/** The first check after the announced end: clocks differ. */
const MARGIN_MS = 1_000;

/**
 * Whether the caller is suspended: `chat.suspension`, a store that is undefined if not. A call that is refused as `suspended` sets it.
 * From then on it asks again from time to time, and when the suspension is over everything catches up.
 *
 * @example
 * ```ts
 * chat.suspension.subscribe(() => console.log(chat.suspension.getSnapshot()?.reason));
 * ```
 */
export class OwnSuspension implements Readable<Suspension | undefined> {
  readonly #store = new Store<Suspension | undefined>(undefined);
  readonly #ask: () => void;
  readonly #pollMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ask makes a call that is refused while the caller is suspended */
  constructor(ask: () => void, pollMs: number) {
    this.#ask = ask;
    this.#pollMs = pollMs;
  }

  readonly getSnapshot = (): Suspension | undefined => this.#store.getSnapshot();

  readonly subscribe = (listener: () => void): () => void => this.#store.subscribe(listener);

  /** @internal */
  found({ until, reason }: Suspension): void {
    const known = this.getSnapshot();
    if (!known || Number(known.until) !== Number(until) || known.reason !== reason) this.#store.set({ until, reason });
    const rest = until ? until.getTime() - Date.now() : Infinity;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ask, Math.min(Math.max(rest, 0) + MARGIN_MS, this.#pollMs));
  }

  /**
   * Nobody is suspended, or another user is signed in.
   * @internal
   */
  end(): void {
    clearTimeout(this.#timer);
    this.#store.set(undefined);
  }
}
