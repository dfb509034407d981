import type { Connection } from "../connection/connection.ts";

/** How long a read mark waits for a later one. */
const DEBOUNCE_MS = 500;

/** Tells the server how far the caller has read, not more often than needed, and until it knows. */
export class ReadMark {
  #wanted = 0;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly connection: Connection, readonly roomId: number) {}

  /** Up to here; a mark never moves back. */
  set(seq: number): void {
    if (seq <= this.#wanted) return;
    this.#wanted = seq;
    this.#timer ??= setTimeout(() => void this.flush(), DEBOUNCE_MS);
  }

  /** What was not told is not told any more: somebody else is signed in. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#wanted = this.#sent;
  }

  /** Tells at once what waits. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const seq = this.#wanted;
    if (seq <= this.#sent) return;
    try {
      await this.connection.run("mark_read", { room_id: this.roomId, seq });
      this.#sent = Math.max(this.#sent, seq);
      this.connection.deliveries.acknowledge(this.roomId, seq);
    } catch {
      // Told with the next mark, or when the room catches up.
    }
  }
}
