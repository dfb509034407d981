import type { Subscription } from "../connection/channels.ts";
import type { Connection } from "../connection/connection.ts";
import {
  type Change,
  isCounted,
  parseEvent,
  type RoomEvent,
  type SyncPage,
  type UncountedEvent,
} from "../contract/events.ts";
import { readMissed } from "../data/sync.ts";
import type { ChatError } from "../util/errors.ts";
import { SingleFlight } from "../util/single_flight.ts";

/** How long after a call's response its event may arrive. */
const EVENT_TIMEOUT_MS = 1_000;

/** Where a feed starts. */
export interface FeedStart {
  version: number;
  topic: string;
}

/** What a room does with its feed. */
export interface FeedListener {
  /** Consecutive changes without a gap; with the page if they came from `sync`. */
  onChanges(changes: Change[], page?: SyncPage): void;
  /** The event of a change that was applied before, from the response to the call: it may bring read marks. */
  onRepeated(change: Change): void;
  /** An event that does not count as a change: a read mark, a status, the end of the room. */
  onUncounted(event: UncountedEvent): void;
  /** The room has a new topic. */
  onMoved(topic: string): void;
  /** Loads the room again and returns where it stands. */
  reload(): Promise<FeedStart>;
  /** Whether events arrive. */
  onLive(isLive: boolean): void;
  /** The caller has lost access to the room. */
  onEnded(error: ChatError): void;
}

/** Follows a room by its version: an event is a hint, `sync` is the truth. */
export class Feed {
  version: number;
  #topic: string;
  /** The topic that the room had when it was loaded, until `sync` confirms it. */
  #readAt: string | undefined;
  #subscription: Subscription | undefined;
  #waiting: Change[] = [];
  #expecting: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #reading: SingleFlight;
  readonly #stops: (() => void)[] = [];

  constructor(
    readonly connection: Connection,
    readonly roomId: number,
    from: FeedStart,
    readonly listener: FeedListener,
  ) {
    this.version = from.version;
    this.#topic = from.topic;
    this.#readAt = from.topic;
    this.#reading = new SingleFlight(
      connection.retryMs,
      () => this.#readMissed(),
      (error) => this.#failed(error),
      () => this.#takeWaiting(),
    );
    this.#subscribe();
    const poll = setInterval(() => this.resume(), connection.pollMs);
    this.#stops.push(() => clearInterval(poll), connection.onWake(() => this.resume()));
  }

  /** Catches up on the changes since the current version. */
  resume(): void {
    if (!this.#isClosed) void this.#reading.run();
  }

  /** Applies an event, or the response to a call that caused one. */
  take(change: RoomEvent): void {
    if (this.#isClosed) return;
    if (!isCounted(change)) return this.#receiveUncounted(change);
    if (this.#reading.isRunning) return void this.#waiting.push(change);
    if (change.version === this.version + 1) {
      this.version = change.version;
      this.listener.onChanges([change]);
    } else if (change.version > this.version) {
      this.#waiting.push(change);
      this.resume();
    } else this.listener.onRepeated(change);
  }

  /** A call has made this change: its event should arrive soon; otherwise catch up. */
  expect(change: Change): void {
    if (change.version === this.version + 1) this.take(change);
    else if (change.version > this.version) {
      clearTimeout(this.#expecting);
      this.#expecting = setTimeout(() => this.version < change.version && this.resume(), EVENT_TIMEOUT_MS);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.unsubscribe();
    for (const stop of this.#stops) stop();
    clearTimeout(this.#expecting);
    this.#reading.close();
  }

  #receiveUncounted(event: UncountedEvent): void {
    if (event.event === "room.moved") this.#move(event.topic);
    else if (event.event === "room.deleted") this.resume();
    this.listener.onUncounted(event);
  }

  #move(topic: string): void {
    if (topic === this.#topic) return;
    this.#topic = topic;
    this.#subscription?.unsubscribe();
    this.#subscribe();
    this.listener.onMoved(topic);
  }

  #subscribe(): void {
    const topic = this.#topic;
    this.#subscription = this.connection.channels.subscribe(topic, {
      onEvent: (name, payload) => {
        const event = parseEvent("room", name, payload);
        if (event && this.#topic === topic) this.take(event);
      },
      onJoined: () => {
        this.listener.onLive(true);
        this.resume();
      },
      onLost: () => {
        this.listener.onLive(false);
        this.resume();
      },
    });
  }

  #takeWaiting(): void {
    for (const change of this.#waiting.splice(0)) this.take(change);
  }

  /** Any other error (a captive portal, say) does not close the room. */
  #failed(error: ChatError): boolean {
    const isOver = error.code === "room_not_found" || error.code === "not_a_member";
    if (isOver) this.listener.onEnded(error);
    return !isOver;
  }

  async #readMissed(): Promise<void> {
    const missed = await readMissed(this.connection, this.roomId, this.version, this.#readAt);
    if (this.#isClosed) return;
    if (!missed) return await this.#restart();
    const { changes, page } = missed;
    this.version = page.version;
    this.#readAt = undefined;
    this.listener.onChanges(changes, page);
    this.#move(page.topic);
  }

  async #restart(): Promise<void> {
    const { version, topic } = await this.listener.reload();
    this.version = version;
    this.#readAt = topic;
    this.resume();
  }
}
