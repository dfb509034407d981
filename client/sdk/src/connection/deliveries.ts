import type { Connection } from "./connection.ts";
import { asChatError } from "../util/errors.ts";

/** How long what was delivered waits for more. */
const BATCH_DELAY_MS = 2_000;
/** Rooms in one call. */
const MAX_ROOMS_PER_CALL = 1_000;

/** Tells the server which messages are on this device: of all rooms in one call, at most every two seconds. */
export class Deliveries {
  readonly #waiting = new Map<number, number>();
  readonly #acknowledged = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly connection: Connection) {
    connection.onEnd(() => this.#forget());
  }

  /** The messages of a room up to a seq are here. */
  note(roomId: number, seq: number): void {
    if (seq <= Math.max(this.#acknowledged.get(roomId) ?? 0, this.#waiting.get(roomId) ?? 0)) return;
    this.#waiting.set(roomId, seq);
    this.#timer ??= setTimeout(() => void this.#flush(), BATCH_DELAY_MS);
  }

  /** The server knows of the messages of a room up to a seq. */
  acknowledge(roomId: number, seq: number): void {
    this.#acknowledged.set(roomId, Math.max(this.#acknowledged.get(roomId) ?? 0, seq));
    if ((this.#waiting.get(roomId) ?? Infinity) <= seq) this.#waiting.delete(roomId);
  }

  async #flush(): Promise<void> {
    const timer = this.#timer;
    const marks = [...this.#waiting].slice(0, MAX_ROOMS_PER_CALL);
    if (marks.length > 0) await this.#send(marks);
    if (timer !== this.#timer) return; // for somebody else
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => void this.#flush(), BATCH_DELAY_MS) : undefined;
  }

  /** What fails in passing, and what is written by another at this moment, waits on. */
  async #send(marks: [roomId: number, seq: number][]): Promise<void> {
    const args = { room_ids: marks.map(([room]) => room), seqs: marks.map(([, seq]) => seq) };
    try {
      const busy = new Set(await this.connection.run("mark_delivered_many", args));
      for (const [room, seq] of marks) if (!busy.has(room)) this.acknowledge(room, seq);
    } catch (failure) {
      if (!asChatError(failure).passing) { for (const [room] of marks) this.#waiting.delete(room); }
    }
  }

  /** What was not told is not told any more: somebody else is signed in. */
  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    this.#acknowledged.clear();
  }
}
