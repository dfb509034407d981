import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import { parseEvent } from "../contract/events.ts";
import { Listeners } from "../util/listeners.ts";

/** The user who added a friend. */
export interface Person {
  user_id: string;
  username: string;
}

/** Listens for users who add the signed-in user as a friend. */
export class FriendsAdded {
  readonly #connection: Connection;
  readonly #added = new Listeners<[Person]>();
  readonly #stops: (() => void)[];
  #subscription: Subscription | undefined;
  #isStopped = false;

  constructor(connection: Connection, listener: (by: Person) => void) {
    this.#connection = connection;
    this.#added.add(listener);
    this.#stops = [connection.onWake(() => this.#start()), connection.onEnd(() => this.#unsubscribe())];
    this.#start();
  }

  stop(): void {
    this.#isStopped = true;
    for (const stop of this.#stops) stop();
    this.#unsubscribe();
  }

  #start(): void {
    // Starts only when someone is signed in.
    if (!this.#subscription) this.#connection.userId().then((user) => this.#subscribe(user), () => {});
  }

  #subscribe(user: string): void {
    if (this.#isStopped || this.#subscription) return;
    this.#subscription = this.#connection.channels.subscribe(`user:${user}`, {
      onEvent: (name, payload) => {
        const event = parseEvent("user", name, payload);
        if (event?.event === "friend.added") this.#added.notify({ user_id: event.user_id, username: event.username });
      },
    });
  }

  #unsubscribe(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }
}
