import type { Connection } from "../connection/connection.ts";

/** How long a read mark waits for a later one. */
const DEBOUNCE_MS = 500;

/** Sends the caller's read mark to the server: debounced, and retried until it succeeds. */
export class ReadMark {
  #wanted = 0;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly connection: Connection, readonly roomId: number) {}

  /** Moves the mark to this seq; it never moves back. */
  set(seq: number): void {
    if (seq <= this.#wanted) return;
    this.#wanted = seq;
    this.#timer ??= setTimeout(() => void this.flush(), DEBOUNCE_MS);
  }

  /** Discards an unsent mark: another user has signed in. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#wanted = this.#sent;
  }

  /** Sends an unsent mark now. */
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
      // Sent with the next mark, or when the room catches up.
    }
  }
}
