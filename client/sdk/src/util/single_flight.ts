import { Backoff } from "./backoff.ts";
import { asChatError, type ChatError } from "./errors.ts";

/**
 * Runs work on request: one run at a time, one more if it was requested in the meantime, and again with growing delays while
 * it fails.
 */
export class SingleFlight {
  isRunning = false;
  #isWanted = false;
  #isClosed = false;
  readonly #backoff: Backoff;

  /**
   * @param work does one run
   * @param shouldRetry decides whether to retry after an error
   * @param onIdle is called when no run is requested any more
   */
  constructor(
    retryMs: number,
    readonly work: () => Promise<void>,
    readonly shouldRetry: (error: ChatError) => boolean,
    readonly onIdle: () => void = () => {},
  ) {
    this.#backoff = new Backoff(retryMs);
  }

  /** Requests a run, now. */
  async run(): Promise<void> {
    this.#isWanted = true;
    this.#backoff.skip();
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.#isWanted && !this.#isClosed) await this.#round();
    this.isRunning = false;
    this.onIdle();
  }

  /** Ends it: there are no more runs. */
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
