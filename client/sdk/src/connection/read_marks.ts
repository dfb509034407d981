import { asChatError, type ChatError } from "../util/errors.ts";
import { SingleFlight } from "../util/single_flight.ts";
import type { Connection } from "./connection.ts";

/** How long a read mark waits for others. */
const DEBOUNCE_MS = 500;

/**
 * Sends the caller's read marks to the server: debounced, and retried until it has them, also after their room was
 * closed.
 */
export class ReadMarks {
  /** The marks that the server may not have, by room. Another user gets another map. */
  #unsent = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #sending: SingleFlight;

  constructor(readonly connection: Connection) {
    this.#sending = new SingleFlight(connection.retryMs, () => this.#send(), () => this.#unsent.size > 0);
    connection.onWake(() => this.flush());
    connection.onEnd(() => connection.isClosed ? this.#close() : this.#forget());
  }

  /** The caller's mark in a room that the server may not have; 0 if there is none. */
  unsent(roomId: number): number {
    return this.#unsent.get(roomId) ?? 0;
  }

  /** Moves the mark of a room to this seq; it never moves back. */
  set(roomId: number, seq: number): void {
    if (seq <= this.unsent(roomId)) return;
    this.#unsent.set(roomId, seq);
    this.#timer ??= setTimeout(() => this.flush(), DEBOUNCE_MS);
  }

  /** Sends unsent marks now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unsent.size > 0) void this.#sending.run();
  }

  /** A refused mark, of a room that the caller has left, is dropped; any other failure (a captive portal, say) passes. */
  async #send(): Promise<void> {
    const unsent = this.#unsent;
    let failed: ChatError | undefined;
    for (const [roomId, seq] of [...unsent]) {
      const error = await this.#sendOne(roomId, seq);
      if (error?.passing || error?.code === "unexpected") failed = error;
      else if (unsent.get(roomId) === seq) unsent.delete(roomId);
    }
    if (failed) throw failed;
  }

  /** @returns why it failed */
  async #sendOne(roomId: number, seq: number): Promise<ChatError | undefined> {
    try {
      await this.connection.run("mark_read", { room_id: roomId, seq });
      this.connection.deliveries.acknowledge(roomId, seq);
    } catch (failure) {
      return asChatError(failure);
    }
  }

  #close(): void {
    this.flush();
    this.#sending.close();
  }

  /** Discards unsent marks: another user has signed in. */
  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#unsent = new Map();
  }
}
