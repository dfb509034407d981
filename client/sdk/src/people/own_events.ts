import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import { parseEvent, type UserEvent } from "../contract/events.ts";

/** Listens to the events of the signed-in user, now and later. */
export class OwnEvents {
  readonly #connection: Connection;
  readonly #listener: (event: UserEvent) => void;
  readonly #stops: (() => void)[];
  #subscription: Subscription | undefined;
  #isStopped = false;

  constructor(connection: Connection, listener: (event: UserEvent) => void) {
    this.#connection = connection;
    this.#listener = listener;
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
        if (event) this.#listener(event);
      },
    });
  }

  #unsubscribe(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }
}
