import { Rate } from "../limits/rate.ts";
import type { Settings } from "../limits/settings.ts";
import { TextMessage, type TopicMessage } from "../wire/topic_message.ts";
import type { Channel } from "./channel.ts";
import { Presence, type PresenceDiff } from "./presence_state.ts";

/** A joined topic. A public and a private topic of the same name are unrelated. */
export class Topic {
  readonly presence = new Presence<Channel>();
  readonly channels = new Set<Channel>();

  constructor(readonly name: string, readonly hub: Topics) {}

  /** Sends to all channels that may receive broadcasts, except one. */
  broadcast(message: TopicMessage, except?: Channel): void {
    let received = 0;
    const isExceeded = this.hub.events.isExceeded;
    for (const channel of this.channels) {
      if (channel === except || !channel.receives(message)) continue;
      channel.socket.deliver(message);
      received++;
      if (isExceeded) channel.shutDown("Too many messages per second");
    }
    this.hub.events.add(received);
  }

  /** Makes all channels rejoin after messages were lost. */
  restart(): void {
    for (const channel of [...this.channels]) channel.close("phx_error");
  }

  /** Sends the reason to all channels and closes them. */
  shutDown(reason: string): void {
    for (const channel of [...this.channels]) channel.shutDown(reason);
  }

  /** Sends a presence diff to all channels that may receive it. */
  broadcastPresence(diff: PresenceDiff): void {
    const message = new TextMessage(this.name, "presence_diff", JSON.stringify(diff));
    let received = 0;
    for (const channel of this.channels) {
      if (!channel.seesPresence) continue;
      channel.socket.deliver(message);
      received++;
    }
    this.hub.presenceEvents.add(received);
  }
}

/** All joined topics. */
export class Topics {
  readonly events: Rate;
  readonly presenceEvents: Rate;
  readonly #topics = new Map<string, Topic>();

  constructor(settings: Settings) {
    this.events = new Rate(settings.maxEventsPerSecond);
    this.presenceEvents = new Rate(settings.maxPresenceEventsPerSecond);
  }

  join(channel: Channel, name: string, isPrivate: boolean): Topic {
    const key = keyOf(name, isPrivate);
    let topic = this.#topics.get(key);
    if (!topic) this.#topics.set(key, topic = new Topic(name, this));
    topic.channels.add(channel);
    return topic;
  }

  leave(channel: Channel, topic: Topic, isPrivate: boolean): void {
    topic.channels.delete(channel);
    const diff = topic.presence.untrack(channel);
    if (diff) topic.broadcastPresence(diff);
    if (topic.channels.size === 0) this.#topics.delete(keyOf(topic.name, isPrivate));
  }

  /** Returns undefined when nobody has joined it. */
  find(name: string, isPrivate: boolean): Topic | undefined {
    return this.#topics.get(keyOf(name, isPrivate));
  }

  /** Sends to all who have joined; the broadcast itself counts as an event, too. */
  broadcast(name: string, isPrivate: boolean, message: TopicMessage, except?: Channel): void {
    this.events.add();
    this.find(name, isPrivate)?.broadcast(message, except);
  }

  /** Makes all channels rejoin. */
  restart(): void {
    for (const topic of [...this.#topics.values()]) topic.restart();
  }
}

function keyOf(name: string, isPrivate: boolean): string {
  return isPrivate ? `private:${name}` : `public:${name}`;
}
