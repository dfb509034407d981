import type { ChatError } from "../util/errors.ts";
import { SingleFlight } from "../util/single_flight.ts";

/** What the inbox can read. */
export interface InboxReads {
  list(): Promise<void>;
  room(id: number): Promise<void>;
  onFailed(error: ChatError): void;
}

/** If more rooms than this are stale, the whole list is read. */
const MAX_SINGLE_READS = 3;
/** Rooms that become stale within this time, as after a reconnect, are read together. */
const BATCH_DELAY_MS = 20;

/** Reads the stale parts of the inbox: one read at a time, retried until it succeeds. */
export class InboxReader {
  readonly #reads: InboxReads;
  readonly #reading: SingleFlight;
  readonly #stale = new Set<number>();
  #isWhole = false;

  constructor(retryMs: number, reads: InboxReads) {
    this.#reads = reads;
    this.#reading = new SingleFlight(retryMs, () => this.#read(), (error) => this.#failed(error));
  }

  /** Reads the list again. */
  refresh(): void {
    this.#isWhole = true;
    void this.#reading.run();
  }

  /** Reads one room again, which may be new or deleted. */
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
    const isWhole = this.#isWhole || stale.length > MAX_SINGLE_READS;
    this.#isWhole = false;
    this.#stale.clear();
    await (isWhole ? this.#reads.list() : Promise.all(stale.map((id) => this.#reads.room(id))));
  }

  /** After a permanent failure it waits until something is stale again. */
  #failed(error: ChatError): boolean {
    this.#reads.onFailed(error);
    this.#isWhole ||= error.passing;
    return error.passing;
  }
}
