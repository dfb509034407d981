import type { RealtimeChannel } from "@supabase/supabase-js";
import { Backoff } from "../util/backoff.ts";
import type { Supabase } from "./supabase.ts";
import { type Payload, Topic, type TopicListener } from "./topic.ts";

/** A place on a topic. */
export interface Seat {
  /** Sends an event to the others; forgotten while the channel does not stand. */
  send(event: string, payload: Payload): void;
  leave(): void;
}

/** A token that Realtime has got is good for joining this long: many topics are opened at once. */
const AUTHORIZED_MS = 2_000;

const channelsOf = new WeakMap<Supabase, Channels>();

/** One private channel a topic, however many listen, and a new one when Realtime has closed it. */
export class Channels {
  readonly #topics = new Map<string, Topic>();
  readonly #leaving = new Map<string, Promise<unknown>>();
  readonly #backoff: Backoff;
  #tending = false;
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
  join(name: string, listener: TopicListener, presenceKey?: string): Seat {
    const topic = this.#topics.get(name) ?? new Topic(this, name, presenceKey);
    this.#topics.set(name, topic);
    topic.add(listener);
    let seated = true;
    return {
      send: (event, payload) => topic.send(event, payload),
      leave: () => {
        if (!seated) return;
        seated = false;
        if (topic.remove(listener)) return;
        this.#topics.delete(name);
        topic.end();
        if (this.#topics.size === 0) this.#backoff.now();
      },
    };
  }

  /** Connects at once, where supabase-js would wait up to ten seconds. */
  async reconnect(): Promise<void> {
    if (!this.#down || this.#topics.size === 0) return;
    await this.supabase.realtime.disconnect(); // ends its wait
    this.supabase.realtime.connect();
  }

  /**
   * Looks after topics that are not joined. supabase-js stays away after a clean end, as `removeAllChannels` makes; and
   * where WebSockets are forbidden, what is not heard must be asked for.
   */
  async tend(): Promise<void> {
    if (this.#tending) return;
    this.#tending = true;
    while ([...this.#topics.values()].some(({ joined }) => !joined)) {
      await this.#backoff.wait();
      if (this.#down && this.#topics.size > 0) this.supabase.realtime.connect();
      for (const topic of this.#topics.values()) topic.missing();
    }
    this.#tending = false;
    this.#backoff.reset();
  }

  get #down(): boolean {
    const { realtime } = this.supabase;
    return !realtime.isConnected() && !realtime.isConnecting() && !realtime.isDisconnecting();
  }

  /** Gives Realtime the token that stands now: asked for once for all topics that are opened together. */
  authorize(): Promise<void> {
    return this.#authorized ??= this.supabase.realtime.setAuth().catch(() => {}).finally(() => {
      setTimeout(() => this.#authorized = undefined, AUTHORIZED_MS);
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
