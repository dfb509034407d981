import { Backoff } from "./backoff.ts";
import { asChatError, type ChatError } from "./errors.ts";

/**
 * Work that is done whenever it is asked for: one round at a time, one more when it was asked for meanwhile, and again,
 * later each time, when it fails.
 */
export class SingleFlight {
  isRunning = false;
  #isWanted = false;
  #isClosed = false;
  readonly #backoff: Backoff;

  /**
   * @param work one round of it
   * @param shouldRetry says whether it is to be tried again
   * @param onIdle is called when nothing more is asked for
   */
  constructor(
    retryMs: number,
    readonly work: () => Promise<void>,
    readonly shouldRetry: (error: ChatError) => boolean,
    readonly onIdle: () => void = () => {},
  ) {
    this.#backoff = new Backoff(retryMs);
  }

  /** Asks for a round, now. */
  async run(): Promise<void> {
    this.#isWanted = true;
    this.#backoff.skip();
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.#isWanted && !this.#isClosed) await this.#round();
    this.isRunning = false;
    this.onIdle();
  }

  /** There are no rounds any more. */
  close(): void {
    this.#isClosed = true;
    this.#backoff.close();
  }

  async #round(): Promise<void> {
    this.#isWanted = false;
    try {
      await this.work();
      this.#backoff.reset();
    } catch (failure) {
      if (this.#isClosed || !this.shouldRetry(asChatError(failure))) return;
      this.#isWanted = true;
      await this.#backoff.wait();
    }
  }
}
