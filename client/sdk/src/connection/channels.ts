import type { RealtimeChannel } from "@supabase/supabase-js";
import { Backoff } from "../util/backoff.ts";
import type { Supabase } from "./supabase.ts";
import { type Payload, Topic, type TopicListener } from "./topic.ts";

/** A place on a topic. */
export interface Subscription {
  /** Sends an event to the others; forgotten while the channel does not stand. */
  send(event: string, payload: Payload): void;
  unsubscribe(): void;
}

/** A token that Realtime has got is good for joining this long: many topics are opened at once. */
const AUTHORIZATION_TTL_MS = 2_000;

const channelsOf = new WeakMap<Supabase, Channels>();

/** One private channel a topic, however many listen, and a new one when Realtime has closed it. */
export class Channels {
  readonly #topics = new Map<string, Topic>();
  readonly #leaving = new Map<string, Promise<unknown>>();
  readonly #backoff: Backoff;
  #isTending = false;
  #authorized: Promise<void> | undefined;

  constructor(readonly supabase: Supabase, readonly retryMs: number) {
    this.#backoff = new Backoff(retryMs);
  }

  /**
   * Those of a client of supabase-js, which gives a topic one channel, whichever chat asks for it.
   * @param retryMs counts when nobody has asked for them before
   */
  static of(supabase: Supabase, retryMs: number): Channels {
    const channels = channelsOf.get(supabase) ?? new Channels(supabase, retryMs);
    channelsOf.set(supabase, channels);
    return channels;
  }

  /**
   * Listens to a topic.
   * @param presenceKey shows the caller as present under it
   */
  subscribe(name: string, listener: TopicListener, presenceKey?: string): Subscription {
    const topic = this.#topics.get(name) ?? new Topic(this, name, presenceKey);
    this.#topics.set(name, topic);
    topic.add(listener);
    let isSubscribed = true;
    return {
      send: (event, payload) => topic.send(event, payload),
      unsubscribe: () => {
        if (!isSubscribed) return;
        isSubscribed = false;
        if (topic.remove(listener)) return;
        this.#topics.delete(name);
        topic.end();
        if (this.#topics.size === 0) this.#backoff.skip();
      },
    };
  }

  /** Connects at once, where supabase-js would wait up to ten seconds. */
  async reconnect(): Promise<void> {
    if (!this.#isDown || this.#topics.size === 0) return;
    await this.supabase.realtime.disconnect(); // ends its wait
    this.supabase.realtime.connect();
  }

  /**
   * Looks after topics that are not joined. supabase-js stays away after a clean end, as `removeAllChannels` makes; and
   * where WebSockets are forbidden, what is not heard must be asked for.
   */
  async tend(): Promise<void> {
    if (this.#isTending) return;
    this.#isTending = true;
    while ([...this.#topics.values()].some(({ isJoined }) => !isJoined)) {
      await this.#backoff.wait();
      if (this.#isDown && this.#topics.size > 0) this.supabase.realtime.connect();
      for (const topic of this.#topics.values()) topic.reportLost();
    }
    this.#isTending = false;
    this.#backoff.reset();
  }

  get #isDown(): boolean {
    const { realtime } = this.supabase;
    return !realtime.isConnected() && !realtime.isConnecting() && !realtime.isDisconnecting();
  }

  /** Gives Realtime the token that stands now: asked for once for all topics that are opened together. */
  authorize(): Promise<void> {
    return this.#authorized ??= this.supabase.realtime.setAuth().catch(() => {}).finally(() => {
      setTimeout(() => this.#authorized = undefined, AUTHORIZATION_TTL_MS);
    });
  }

  /** supabase-js answers the channel that is being left to who asks for its topic: wait until it is gone. */
  gone(name: string): Promise<unknown> {
    return this.#leaving.get(name) ?? Promise.resolve();
  }

  remove(name: string, channel: RealtimeChannel): void {
    const leaving = this.supabase.removeChannel(channel).catch(() => {}).finally(() => {
      if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
    });
    this.#leaving.set(name, leaving);
  }
}
