import type { RealtimeChannel } from "@supabase/supabase-js";
import { Backoff } from "../util/backoff.ts";
import type { Channels } from "./channels.ts";

// deno-lint-ignore no-explicit-any
export type Payload = Record<string, any>;

/** Who wants to know what happens on a topic. */
export interface TopicListener {
  /** An event and what it says. */
  heard?(event: string, payload: Payload): void;
  /** The channel stands, for the first time or again: what happened before was not heard. */
  joined?(): void;
  /** The channel is broken or refused, or still is: what happens is not heard. It tries again by itself. */
  lost?(): void;
  /** Who is present, by their keys. */
  present?(keys: string[]): void;
}

/** A topic that somebody listens to. */
export class Topic {
  readonly #listeners = new Set<TopicListener>();
  readonly #backoff: Backoff;
  #channel: RealtimeChannel | undefined;
  joined = false;
  #ended = false;

  constructor(readonly channels: Channels, readonly name: string, readonly presenceKey?: string) {
    this.#backoff = new Backoff(channels.retryMs);
    void this.#open();
  }

  add(listener: TopicListener): void {
    this.#listeners.add(listener);
    if (!this.joined) return;
    queueMicrotask(() => {
      if (!this.joined || !this.#listeners.has(listener)) return;
      listener.joined?.();
      listener.present?.(this.#present());
    });
  }

  /** @returns whether others are left */
  remove(listener: TopicListener): boolean {
    this.#listeners.delete(listener);
    return this.#listeners.size > 0;
  }

  send(event: string, payload: Payload): void {
    if (this.joined) void this.#channel!.send({ type: "broadcast", event, payload });
  }

  /** Tells that nothing is heard, when that is so. */
  missing(): void {
    if (!this.joined) this.#tell((listener) => listener.lost?.());
  }

  end(): void {
    this.#ended = true;
    this.joined = false;
    this.#backoff.close();
    if (this.#channel) this.channels.remove(this.name, this.#channel);
  }

  async #open(): Promise<void> {
    const { supabase } = this.channels;
    await this.channels.gone(this.name);
    // A private channel is joined with the token that stands when it asks.
    await this.channels.authorize();
    if (this.#ended) return;
    const presence = this.presenceKey ? { key: this.presenceKey, enabled: true } : undefined;
    const channel = supabase.channel(this.name, { config: { private: true, ...(presence && { presence }) } });
    this.#channel = channel;
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
      this.#tell((listener) => listener.heard?.(event, payload ?? {}));
    });
    if (presence) {
      channel.on("presence", { event: "sync" }, () => this.#tell((listener) => listener.present?.(this.#present())));
    }
    channel.subscribe((status) => this.#changed(channel, status));
  }

  #changed(channel: RealtimeChannel, status: string): void {
    if (this.#ended || channel !== this.#channel) return;
    this.joined = status === "SUBSCRIBED";
    if (this.joined) {
      this.#backoff.reset();
      if (this.presenceKey) void channel.track({});
      return this.#tell((listener) => listener.joined?.());
    }
    this.missing();
    void this.channels.tend();
    if (status === "CLOSED") {
      this.#channel = undefined;
      void this.#backoff.wait().then(() => this.#ended ? undefined : this.#open());
    } else void this.channels.authorize();
  }

  #present(): string[] {
    return Object.keys(this.#channel?.presenceState() ?? {}).sort();
  }

  #tell(tell: (listener: TopicListener) => void): void {
    for (const listener of [...this.#listeners]) tell(listener);
  }
}
