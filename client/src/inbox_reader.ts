import { Backoff } from "./backoff.ts";
import { asChatError, type ChatError } from "./errors.ts";

/** What the inbox can read. */
export interface Readings {
  list(): Promise<void>;
  room(id: number): Promise<void>;
  failed(error: ChatError): void;
}

/** More rooms than this are read with the list. */
const FEW = 3;
/** What becomes stale within this time, as after a reconnect, is read at once. */
const GATHER_MS = 20;

/** Reads what is stale in the inbox, once at a time, and until it succeeds. */
export class InboxReader {
  readonly #readings: Readings;
  readonly #backoff: Backoff;
  readonly #stale = new Set<number>();
  #all = false;
  #running = false;
  #closed = false;

  constructor(retryMs: number, readings: Readings) {
    this.#readings = readings;
    this.#backoff = new Backoff(retryMs);
  }

  /** Reads the list again. */
  refresh(): void {
    this.#all = true;
    void this.#read();
  }

  /** Reads one room again, which may be new or gone. */
  reread(roomId: number): void {
    this.#stale.add(roomId);
    void this.#read();
  }

  close(): void {
    this.#closed = true;
    this.#backoff.close();
  }

  async #read(): Promise<void> {
    this.#backoff.now();
    if (this.#running) return;
    this.#running = true;
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (!this.#closed && (this.#all || this.#stale.size > 0)) await this.#next();
    this.#running = false;
  }

  async #next(): Promise<void> {
    const stale = [...this.#stale];
    const all = this.#all || stale.length > FEW;
    this.#all = false;
    this.#stale.clear();
    try {
      await (all ? this.#readings.list() : Promise.all(stale.map((id) => this.#readings.room(id))));
      this.#backoff.reset();
    } catch (failure) {
      if (!this.#closed) await this.#failed(asChatError(failure));
    }
  }

  async #failed(error: ChatError): Promise<void> {
    this.#readings.failed(error);
    if (!error.passing) return; // until something is stale again
    this.#all = true;
    await this.#backoff.wait();
  }
}
