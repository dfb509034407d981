import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel, RealtimeClient } from "@supabase/realtime-js";
import { parseEvent, type RoomEvent, type Typing } from "../../../client/sdk/src/contract/events.ts";
import { projectUrl, secretKey } from "../settings/settings.ts";

/** What becomes of the events of a room. */
export interface Listener {
  received(event: RoomEvent): void;
  /** Somebody in the room says that a member is typing, or has stopped. */
  receivedTyping(payload: Record<string, unknown>): void;
  /** An event that a newer database sends, with this version of the room: if it is counted, `sync` returns it. */
  receivedUnknown(version: number): void;
  /** The presence keys of those who have the room open. */
  present(keys: string[]): void;
  /** Subscribed, for the first time or again: earlier changes must be read. */
  joined(): void;
  /** The subscription is interrupted. */
  cut(): void;
}

const JOINED = REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;
const CLOSED = REALTIME_SUBSCRIBE_STATES.CLOSED;
const MAX_CHANNELS = 100;
const RETRY_DELAY_MS = 1000;
const clients: RealtimeClient[] = [];

/** The subscription to the two topics of a room, for all its sockets in this worker. */
export class RoomSubscription {
  /** Resolves at the first subscription. */
  readonly ready: Promise<void>;
  #resolve!: () => void;
  #leave: () => void = () => {};
  #live: RealtimeChannel | undefined;
  #isStopped = false;

  constructor(readonly listener: Listener) {
    this.ready = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Subscribes to a topic instead of the previous one. */
  listen(topic: string): void {
    this.#leave();
    if (this.#isStopped) return;
    let isLeft = false;
    const client = clientWithSpace();
    const room = open(client, topic);
    const live = open(client, `${topic}:live`, true);
    live.on("presence", { event: "sync" }, () => {
      if (!isLeft) this.listener.present(Object.keys(live.presenceState()));
    });
    const joined = new Set<RealtimeChannel>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = (channel: RealtimeChannel, receive: (name: string, payload: unknown) => void) => {
      channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
        if (!isLeft) receive(event, payload);
      });
      channel.subscribe((status) => {
        if (isLeft) return;
        if (status === JOINED) joined.add(channel);
        else joined.delete(channel);
        if (status === JOINED && channel === room) this.listener.joined();
        if (status !== JOINED && channel === room) this.listener.cut();
        if (joined.size === 2) this.#resolve();
        // The library rejoins by itself, except after this.
        if (status === CLOSED) timer ??= setTimeout(() => this.listen(topic), RETRY_DELAY_MS);
      });
    };
    this.#live = live;
    this.#leave = () => {
      isLeft = true;
      clearTimeout(timer);
      for (const channel of [room, live]) client.removeChannel(channel).catch(() => {});
    };
    follow(room, (name, payload) => this.#receive(name, payload ?? {}));
    // Members send here what they like: whatever else it says, it is not from the database.
    follow(live, (name, payload) => {
      if (name !== "typing" || typeof payload !== "object" || payload === null) return;
      this.listener.receivedTyping(payload as Record<string, unknown>);
    });
  }

  /** Broadcasts to the live topic of the room. */
  broadcast(typing: Omit<Typing, "event">): void {
    if (this.#live?.state !== "joined") return;
    this.#live.send({ type: "broadcast", event: "typing", payload: typing }).catch(() => {});
  }

  #receive(name: string, payload: { version?: number }): void {
    const event = parseEvent("room", name, payload);
    if (event) this.listener.received(event);
    else if (Number.isSafeInteger(payload.version)) this.listener.receivedUnknown(payload.version as number);
  }

  stop(): void {
    this.#isStopped = true;
    this.#leave();
  }
}

const open = (client: RealtimeClient, topic: string, isEnabled = false) =>
  client.channel(topic, { config: { private: true, presence: { enabled: isEnabled } } });

/** A connection has a limited number of channels. */
function clientWithSpace(): RealtimeClient {
  const known = clients.find((client) => client.getChannels().length <= MAX_CHANNELS - 2);
  if (known) return known;
  const client = new RealtimeClient(`${projectUrl().replace(/^http/, "ws")}/realtime/v1`, {
    params: { apikey: secretKey() },
    reconnectAfterMs: (tries) => [200, 500, 1000, 2000][tries - 1] ?? 5000,
  });
  clients.push(client);
  return client;
}
