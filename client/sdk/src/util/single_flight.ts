import { Backoff } from "./backoff.ts";
import { asChatError, type ChatError } from "./errors.ts";

/**
 * Work that is done whenever it is asked for: one round at a time, one more when it was asked for meanwhile, and again,
 * later each time, when it fails.
 */
export class Repeated {
  running = false;
  #wanted = false;
  #closed = false;
  readonly #backoff: Backoff;

  /**
   * @param work one round of it
   * @param failed says whether it is to be tried again
   * @param rested is called when nothing more is asked for
   */
  constructor(
    retryMs: number,
    readonly work: () => Promise<void>,
    readonly failed: (error: ChatError) => boolean,
    readonly rested: () => void = () => {},
  ) {
    this.#backoff = new Backoff(retryMs);
  }

  /** Asks for a round, now. */
  async ask(): Promise<void> {
    this.#wanted = true;
    this.#backoff.now();
    if (this.running) return;
    this.running = true;
    while (this.#wanted && !this.#closed) await this.#round();
    this.running = false;
    this.rested();
  }

  /** There are no rounds any more. */
  close(): void {
    this.#closed = true;
    this.#backoff.close();
  }

  async #round(): Promise<void> {
    this.#wanted = false;
    try {
      await this.work();
      this.#backoff.reset();
    } catch (failure) {
      if (this.#closed || !this.failed(asChatError(failure))) return;
      this.#wanted = true;
      await this.#backoff.wait();
    }
  }
}
