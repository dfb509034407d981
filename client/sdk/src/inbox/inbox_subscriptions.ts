import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import { parseEvent, type RoomEvent } from "../contract/events.ts";
import type { InboxRoom } from "../data/inbox_room.ts";

/** Realtime allows 100 channels per connection; open rooms need some too. */
const MAX_LIVE_ROOMS = 60;

/** What the inbox does when rooms change. */
export interface InboxSubscriber {
  onEvent(event: RoomEvent): void;
  /** Events may have been missed. */
  onGap(roomId: number): void;
}

/** Subscriptions to the topics of the most active rooms; dormant rooms are heard of on the user's own topic. */
export class InboxSubscriptions {
  readonly #subscriptions = new Map<number, { topic: string; subscription: Subscription }>();

  constructor(readonly connection: Connection, readonly subscriber: InboxSubscriber) {}

  /** Subscribes to the first of these rooms and unsubscribes from all others. */
  follow(rooms: readonly InboxRoom[]): void {
    const wanted = new Map(
      rooms.filter((room) => !room.is_dormant).slice(0, MAX_LIVE_ROOMS).map(({ id, topic }) => [id, topic]),
    );
    for (const [id, { topic }] of this.#subscriptions) if (wanted.get(id) !== topic) this.#unsubscribe(id);
    for (const [id, topic] of wanted) {
      if (!this.#subscriptions.has(id)) {
        this.#subscriptions.set(id, { topic, subscription: this.#subscribe(id, topic) });
      }
    }
  }

  close(): void {
    for (const id of [...this.#subscriptions.keys()]) this.#unsubscribe(id);
  }

  #subscribe(id: number, topic: string): Subscription {
    return this.connection.channels.subscribe(topic, {
      onEvent: (name, payload) => {
        const event = parseEvent("room", name, payload);
        if (event) this.subscriber.onEvent(event);
      },
      onJoined: () => this.subscriber.onGap(id),
      onLost: () => this.subscriber.onGap(id),
    });
  }

  #unsubscribe(id: number): void {
    this.#subscriptions.get(id)?.subscription.unsubscribe();
    this.#subscriptions.delete(id);
  }
}
