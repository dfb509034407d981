import type { Change } from "../data/changes.ts";
import type { Seat } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import type { InboxRoom } from "../data/inbox_room.ts";

/** Realtime allows 100 channels a connection; open rooms need theirs too. */
const LIVE_ROOMS = 60;

/** What the topics of rooms tell the inbox. */
export interface SeatsReader {
  heard(change: Change): void;
  /** Something may have been missed. */
  doubted(roomId: number): void;
}

/** Places on the topics of the most active rooms. */
export class InboxSeats {
  readonly #seats = new Map<number, { topic: string; seat: Seat }>();

  constructor(readonly connection: Connection, readonly reader: SeatsReader) {}

  /** Takes places for the first of these rooms, and gives up those for others. */
  sit(rooms: readonly InboxRoom[]): void {
    const wanted = new Map(rooms.slice(0, LIVE_ROOMS).map(({ id, topic }) => [id, topic]));
    for (const [id, { topic }] of this.#seats) if (wanted.get(id) !== topic) this.#leave(id);
    for (const [id, topic] of wanted) {
      if (!this.#seats.has(id)) this.#seats.set(id, { topic, seat: this.#join(id, topic) });
    }
  }

  close(): void {
    for (const id of [...this.#seats.keys()]) this.#leave(id);
  }

  #join(id: number, topic: string): Seat {
    return this.connection.channels.join(topic, {
      heard: (event, payload) => this.reader.heard({ ...payload as Change, event }),
      joined: () => this.reader.doubted(id),
      lost: () => this.reader.doubted(id),
    });
  }

  #leave(id: number): void {
    this.#seats.get(id)?.seat.leave();
    this.#seats.delete(id);
  }
}
