import { refusedSessions } from "../db/db.ts";
import type { Connection } from "./connection.ts";
import { CLOSE_OF } from "./refusal.ts";

/** How soon the socket of somebody who is suspended, or whose session has ended, is closed. */
const CHECK_INTERVAL_MS = 3000;

/**
 * The open sockets of this worker, whose people are asked about in one statement. An event could be lost, and a session that ends
 * moves no public group.
 */
export class OpenSockets {
  readonly #sockets = new Set<Connection>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isChecking = false;

  add(connection: Connection): void {
    this.#sockets.add(connection);
    this.#timer ??= setInterval(() => void this.#check(), CHECK_INTERVAL_MS);
  }

  delete(connection: Connection): void {
    this.#sockets.delete(connection);
    if (this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#sockets.values();
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    const sockets = [...this.#sockets];
    try {
      for (const { place, refusal } of await refusedSessions(sockets.map(({ claims }) => claims))) {
        sockets[place - 1]!.close(CLOSE_OF[refusal]!);
      }
    } catch (error) {
      // Each statement of these people asks as well.
      console.error("the people of open sockets could not be checked:", error);
    } finally {
      this.#isChecking = false;
    }
  }
}
