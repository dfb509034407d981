import type { RealtimeChannel } from "@supabase/supabase-js";
import { Backoff } from "../util/backoff.ts";
import type { Supabase } from "./supabase.ts";
import { type Payload, Topic, type TopicListener } from "./topic.ts";

/** A subscription to a topic. */
export interface Subscription {
  /** Broadcasts an event to the other subscribers. Does nothing while the channel is not joined. */
  send(event: string, payload: Payload): void;
  unsubscribe(): void;
}

/** How long after `setAuth()` topics can be joined without calling it again: many topics are opened at once. */
const AUTHORIZATION_TTL_MS = 2_000;

const channelsOf = new WeakMap<Supabase, Channels>();

/** One private channel per topic, shared by all its subscribers, and a new one when Realtime closes it. */
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
   * Returns the channels of a supabase-js client. They are shared, because a client allows one channel per topic.
   * @param retryMs used only by the first caller
   */
  static of(supabase: Supabase, retryMs: number): Channels {
    const channels = channelsOf.get(supabase) ?? new Channels(supabase, retryMs);
    channelsOf.set(supabase, channels);
    return channels;
  }

  /**
   * Subscribes to a topic.
   * @param presenceKey tracks the caller's presence under this key
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

  /** Reconnects at once, where supabase-js would wait up to ten seconds. */
  async reconnect(): Promise<void> {
    if (!this.#isDown || this.#topics.size === 0) return;
    await this.supabase.realtime.disconnect(); // ends its wait
    this.supabase.realtime.connect();
  }

  /**
   * Retries topics that are not joined. supabase-js does not reconnect after a clean disconnect such as
   * `removeAllChannels()`; where WebSockets are blocked, this makes subscribers poll.
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

  /** Passes the current token to Realtime, once for all topics that are opened together. */
  authorize(): Promise<void> {
    return this.#authorized ??= this.supabase.realtime.setAuth().catch(() => {}).finally(() => {
      setTimeout(() => this.#authorized = undefined, AUTHORIZATION_TTL_MS);
    });
  }

  /**
   * Waits until the old channel of a topic is removed: until then, supabase-js returns it to anyone who asks for the
   * topic.
   */
  removed(name: string): Promise<unknown> {
    return this.#leaving.get(name) ?? Promise.resolve();
  }

  remove(name: string, channel: RealtimeChannel): void {
    const leaving = this.supabase.removeChannel(channel).catch(() => {}).finally(() => {
      if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
    });
    this.#leaving.set(name, leaving);
  }
}
