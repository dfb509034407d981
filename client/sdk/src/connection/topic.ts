import type { RealtimeChannel } from "@supabase/supabase-js";
import { Backoff } from "../util/backoff.ts";
import type { Channels } from "./channels.ts";

/** The payload of an event, unchecked. */
export type Payload = Record<string, unknown>;

/** What a subscriber of a topic wants to hear about. */
export interface TopicListener {
  /** An event arrived. */
  onEvent?(event: string, payload: Payload): void;
  /** The channel has joined, for the first time or again: earlier events may have been missed. */
  onJoined?(): void;
  /** The channel failed, was refused, or is still down: events are being missed. It retries by itself. */
  onLost?(): void;
  /** The presence keys have changed. */
  onPresence?(keys: string[]): void;
}

/** A topic with at least one subscriber. */
export class Topic {
  readonly #listeners = new Set<TopicListener>();
  readonly #backoff: Backoff;
  #channel: RealtimeChannel | undefined;
  isJoined = false;
  #hasEnded = false;

  constructor(readonly channels: Channels, readonly name: string, readonly presenceKey?: string) {
    this.#backoff = new Backoff(channels.retryMs);
    void this.#open();
  }

  add(listener: TopicListener): void {
    this.#listeners.add(listener);
    if (!this.isJoined) return;
    queueMicrotask(() => {
      if (!this.isJoined || !this.#listeners.has(listener)) return;
      listener.onJoined?.();
      listener.onPresence?.(this.#present());
    });
  }

  /** @returns whether other subscribers remain */
  remove(listener: TopicListener): boolean {
    this.#listeners.delete(listener);
    return this.#listeners.size > 0;
  }

  send(event: string, payload: Payload): void {
    if (this.isJoined) void this.#channel!.send({ type: "broadcast", event, payload });
  }

  /** Notifies subscribers if the channel is not joined. */
  reportLost(): void {
    if (!this.isJoined) this.#notify((listener) => listener.onLost?.());
  }

  end(): void {
    this.#hasEnded = true;
    this.isJoined = false;
    this.#backoff.close();
    if (this.#channel) this.channels.remove(this.name, this.#channel);
  }

  async #open(): Promise<void> {
    const { supabase } = this.channels;
    await this.channels.removed(this.name);
    // A private channel joins with the token that is set when it asks.
    await this.channels.authorize();
    if (this.#hasEnded) return;
    const presence = this.presenceKey ? { key: this.presenceKey, enabled: true } : undefined;
    const channel = supabase.channel(this.name, { config: { private: true, ...(presence && { presence }) } });
    this.#channel = channel;
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
      this.#notify((listener) => listener.onEvent?.(event, payload ?? {}));
    });
    if (presence) {
      channel.on(
        "presence",
        { event: "sync" },
        () => this.#notify((listener) => listener.onPresence?.(this.#present())),
      );
    }
    channel.subscribe((status) => this.#changed(channel, status));
  }

  #changed(channel: RealtimeChannel, status: string): void {
    if (this.#hasEnded || channel !== this.#channel) return;
    this.isJoined = status === "SUBSCRIBED";
    if (this.isJoined) {
      this.#backoff.reset();
      if (this.presenceKey) void channel.track({});
      return this.#notify((listener) => listener.onJoined?.());
    }
    this.reportLost();
    void this.channels.tend();
    if (status === "CLOSED") {
      this.#channel = undefined;
      void this.#backoff.wait().then(() => this.#hasEnded ? undefined : this.#open());
    } else void this.channels.authorize();
  }

  #present(): string[] {
    return Object.keys(this.#channel?.presenceState() ?? {}).sort();
  }

  #notify(call: (listener: TopicListener) => void): void {
    for (const listener of [...this.#listeners]) call(listener);
  }
}
