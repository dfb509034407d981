import { asChatError } from "../util/errors.ts";
import type { Connection } from "./connection.ts";

/** How long a delivery mark waits for others, to be sent in one call. */
const BATCH_DELAY_MS = 2_000;
/** The most rooms in one call. */
const MAX_ROOMS_PER_CALL = 1_000;

/** Reports to the server which messages reached this device: all rooms in one call, at most every two seconds. */
export class Deliveries {
  readonly #waiting = new Map<number, number>();
  readonly #acknowledged = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly connection: Connection) {
    connection.onEnd(() => this.#forget());
  }

  /** Records that the messages of a room up to this seq have arrived. */
  note(roomId: number, seq: number): void {
    if (seq <= Math.max(this.#acknowledged.get(roomId) ?? 0, this.#waiting.get(roomId) ?? 0)) return;
    this.#waiting.set(roomId, seq);
    this.#timer ??= setTimeout(() => void this.#flush(), BATCH_DELAY_MS);
  }

  /** Records that the server knows about the messages of a room up to this seq. */
  acknowledge(roomId: number, seq: number): void {
    this.#acknowledged.set(roomId, Math.max(this.#acknowledged.get(roomId) ?? 0, seq));
    if ((this.#waiting.get(roomId) ?? Infinity) <= seq) this.#waiting.delete(roomId);
  }

  async #flush(): Promise<void> {
    const timer = this.#timer;
    const marks = [...this.#waiting].slice(0, MAX_ROOMS_PER_CALL);
    if (marks.length > 0) await this.#send(marks);
    if (timer !== this.#timer) return; // another user has signed in
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => void this.#flush(), BATCH_DELAY_MS) : undefined;
  }

  /** Marks stay queued if the call fails temporarily, or if another transaction is writing them. */
  async #send(marks: [roomId: number, seq: number][]): Promise<void> {
    const args = { room_ids: marks.map(([room]) => room), seqs: marks.map(([, seq]) => seq) };
    try {
      const busy = new Set(await this.connection.run("mark_delivered_many", args));
      for (const [room, seq] of marks) if (!busy.has(room)) this.acknowledge(room, seq);
    } catch (failure) {
      if (!asChatError(failure).passing) { for (const [room] of marks) this.#waiting.delete(room); }
    }
  }

  /** Discards queued marks: another user has signed in. */
  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    this.#acknowledged.clear();
  }
}
