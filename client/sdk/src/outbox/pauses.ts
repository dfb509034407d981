import type { Unsent } from "./unsent.ts";

/** Until when the server takes no messages at all, or none of a room. */
export class Pauses {
  #all = 0;
  readonly #rooms = new Map<number, number>();

  /** All messages wait for some seconds. */
  pauseAll(seconds: number): void {
    this.#all = Date.now() + seconds * 1000;
  }

  /** Those of a room wait. */
  pauseRoom(roomId: number, seconds: number): void {
    this.#rooms.set(roomId, Date.now() + seconds * 1000);
  }

  /** How long a message has still to wait, in ms. */
  left({ room_id }: Pick<Unsent, "room_id">): number {
    return Math.max(this.#all - Date.now(), (this.#rooms.get(room_id) ?? 0) - Date.now(), 0);
  }
}
