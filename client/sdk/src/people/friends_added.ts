import type { Seat } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import { Listeners } from "../util/listeners.ts";

/** Who has called somebody a friend. */
export interface Person {
  user_id: string;
  username: string;
}

/** Hears who calls the signed-in user a friend. */
export class FriendsAdded {
  readonly #connection: Connection;
  readonly #added = new Listeners<[Person]>();
  readonly #stops: (() => void)[];
  #seat: Seat | undefined;
  #stopped = false;

  constructor(connection: Connection, listener: (by: Person) => void) {
    this.#connection = connection;
    this.#added.add(listener);
    this.#stops = [connection.onWake(() => this.#sit()), connection.onEnd(() => this.#leave())];
    this.#sit();
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    this.#leave();
  }

  #sit(): void {
    // Until somebody signs in, there is nobody to be told.
    if (!this.#seat) this.#connection.userId().then((user) => this.#join(user), () => {});
  }

  #join(user: string): void {
    if (this.#stopped || this.#seat) return;
    this.#seat = this.#connection.channels.join(`user:${user}`, {
      heard: (event, { user_id, username }) => event === "friend.added" && this.#added.tell({ user_id, username }),
    });
  }

  #leave(): void {
    this.#seat?.leave();
    this.#seat = undefined;
  }
}
