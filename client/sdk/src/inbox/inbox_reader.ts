import type { ChatError } from "../util/errors.ts";
import { Repeated } from "../util/single_flight.ts";

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
  readonly #reading: Repeated;
  readonly #stale = new Set<number>();
  #all = false;

  constructor(retryMs: number, readings: Readings) {
    this.#readings = readings;
    this.#reading = new Repeated(retryMs, () => this.#read(), (error) => this.#failed(error));
  }

  /** Reads the list again. */
  refresh(): void {
    this.#all = true;
    void this.#reading.ask();
  }

  /** Reads one room again, which may be new or gone. */
  reread(roomId: number): void {
    this.#stale.add(roomId);
    void this.#reading.ask();
  }

  close(): void {
    this.#reading.close();
  }

  async #read(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    const stale = [...this.#stale];
    const all = this.#all || stale.length > FEW;
    this.#all = false;
    this.#stale.clear();
    await (all ? this.#readings.list() : Promise.all(stale.map((id) => this.#readings.room(id))));
  }

  /** What does not pass waits until something is stale again. */
  #failed(error: ChatError): boolean {
    this.#readings.failed(error);
    this.#all ||= error.passing;
    return error.passing;
  }
}
