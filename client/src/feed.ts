import { Backoff } from "./backoff.ts";
import { type Change, counted, type SyncPage } from "./changes.ts";
import type { Seat } from "./channels.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type ChatError } from "./errors.ts";

/** Where a feed begins. */
export interface Beginning {
  version: number;
  topic: string;
}

/** What a feed tells. */
export interface FeedReader {
  /** Changes that follow the last ones without a hole; with the page when they came by `sync`. */
  changed(changes: Change[], page?: SyncPage): void;
  /** What is not counted: read marks, and the end of the room. */
  passed(event: Change): void;
  /** The events come from another topic now. */
  moved(topic: string): void;
  /** What is known is to be read anew; resolves with what stands then. */
  restart(): Promise<Beginning>;
  /** Whether events arrive. */
  live(live: boolean): void;
  /** The room is no longer the caller's. */
  ended(error: ChatError): void;
}

/** More missed messages than this are not fetched one by one. */
const TOO_MANY = 2_000;
/** How long the event of a change may be behind the answer to the call that made it. */
const EXPECTED_MS = 1_000;

/** Follows a room by its version: an event is a hint, `sync` is the truth. */
export class Feed {
  version: number;
  #topic: string;
  /** The topic of what was read in the beginning, until it is proven. */
  #readAt: string | undefined;
  #seat: Seat | undefined;
  #waiting: Change[] = [];
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  readonly #backoff: Backoff;
  readonly #stops: (() => void)[] = [];

  constructor(
    readonly connection: Connection,
    readonly roomId: number,
    from: Beginning,
    readonly reader: FeedReader,
  ) {
    this.version = from.version;
    this.#topic = from.topic;
    this.#readAt = from.topic;
    this.#backoff = new Backoff(connection.retryMs);
    this.#sit();
    const poll = setInterval(() => this.resume(), connection.pollMs);
    this.#stops.push(() => clearInterval(poll), connection.onWake(() => this.resume()));
  }

  /** Takes what has changed since the last version. */
  resume(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#backoff.now();
    this.#running ??= this.#catchUp();
  }

  /** Takes an event, or the answer to a call that made one. */
  take(change: Change): void {
    if (this.#closed) return;
    if (!counted(change)) return this.#pass(change);
    if (this.#running) return void this.#waiting.push(change);
    if (change.version === this.version + 1) {
      this.version = change.version;
      this.reader.changed([change]);
    } else if (change.version > this.version) {
      this.#waiting.push(change);
      this.resume();
    }
  }

  /** A call has made this change: it is told soon, or asked for. */
  expect(change: Change): void {
    if (change.version === this.version + 1) this.take(change);
    else if (change.version > this.version) {
      setTimeout(() => this.version < change.version && this.resume(), EXPECTED_MS);
    }
  }

  close(): void {
    this.#closed = true;
    this.#seat?.leave();
    for (const stop of this.#stops) stop();
    this.#backoff.now();
  }

  #pass(event: Change): void {
    if (event.event === "room.moved") this.#move(event.topic!);
    else if (event.event === "room.deleted") this.resume();
    this.reader.passed(event);
  }

  #move(topic: string): void {
    if (topic === this.#topic) return;
    this.#topic = topic;
    this.#seat?.leave();
    this.#sit();
    this.reader.moved(topic);
  }

  #sit(): void {
    const topic = this.#topic;
    this.#seat = this.connection.channels.join(topic, {
      heard: (event, payload) => this.#topic === topic && this.take({ ...payload as Change, event }),
      joined: () => {
        this.reader.live(true);
        this.resume();
      },
      lost: () => {
        this.reader.live(false);
        this.resume();
      },
    });
  }

  async #catchUp(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#pages();
        this.#backoff.reset();
      } catch (error) {
        await this.#failed(asChatError(error));
      }
    }
    this.#running = undefined;
    for (const change of this.#waiting.splice(0)) this.take(change);
  }

  async #failed(error: ChatError): Promise<void> {
    if (this.#closed) return;
    if (error.code === "room_not_found" || error.code === "not_a_member") return this.reader.ended(error);
    // Whatever else answers, as a hotel's network does, is not the room's end.
    this.#again = true;
    await this.#backoff.wait();
  }

  async #restart(): Promise<void> {
    const { version, topic } = await this.reader.restart();
    this.version = version;
    this.#readAt = topic;
    this.#again = true;
  }

  /** All pages are shown at once: between two, messages may stand without their forerunners. */
  async #pages(): Promise<void> {
    const changes: Change[] = [];
    for (let since = this.version;;) {
      const call = this.connection.db.rpc("sync", { room_id: this.roomId, since_version: since });
      const page = await this.connection.call(call) as unknown as SyncPage;
      if (this.#closed) return;
      changes.push(...page.changes);
      since = page.version;
      // Who was no member for a moment while reading has read too little; the topic tells that somebody has left.
      const doubtful = this.#readAt && this.#readAt !== page.topic;
      if (doubtful || page.has_more && changes.length >= TOO_MANY) return await this.#restart();
      if (page.has_more) continue;
      this.version = since;
      this.#readAt = undefined;
      this.reader.changed(changes, page);
      return this.#move(page.topic);
    }
  }
}
