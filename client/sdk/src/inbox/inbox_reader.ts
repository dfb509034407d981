import type { ChatError } from "../util/errors.ts";
import { SingleFlight } from "../util/single_flight.ts";

/** What the inbox can read. */
export interface InboxReads {
  list(): Promise<void>;
  room(id: number): Promise<void>;
  onFailed(error: ChatError): void;
}

/** More rooms than this are read with the list. */
const MAX_SINGLE_READS = 3;
/** What becomes stale within this time, as after a reconnect, is read at once. */
const BATCH_DELAY_MS = 20;

/** Reads what is stale in the inbox, once at a time, and until it succeeds. */
export class InboxReader {
  readonly #reads: InboxReads;
  readonly #reading: SingleFlight;
  readonly #stale = new Set<number>();
  #all = false;

  constructor(retryMs: number, reads: InboxReads) {
    this.#reads = reads;
    this.#reading = new SingleFlight(retryMs, () => this.#read(), (error) => this.#failed(error));
  }

  /** Reads the list again. */
  refresh(): void {
    this.#all = true;
    void this.#reading.run();
  }

  /** Reads one room again, which may be new or gone. */
  reread(roomId: number): void {
    this.#stale.add(roomId);
    void this.#reading.run();
  }

  close(): void {
    this.#reading.close();
  }

  async #read(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, BATCH_DELAY_MS));
    const stale = [...this.#stale];
    const all = this.#all || stale.length > MAX_SINGLE_READS;
    this.#all = false;
    this.#stale.clear();
    await (all ? this.#reads.list() : Promise.all(stale.map((id) => this.#reads.room(id))));
  }

  /** What does not pass waits until something is stale again. */
  #failed(error: ChatError): boolean {
    this.#reads.onFailed(error);
    this.#all ||= error.passing;
    return error.passing;
  }
}
