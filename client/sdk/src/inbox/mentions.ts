import type { Connection } from "../connection/connection.ts";
import { isMentioning, type Message, newest } from "../data/messages.ts";
import { readMentions } from "../data/room_queries.ts";
import type { ChatError } from "../util/errors.ts";
import { SingleFlight } from "../util/single_flight.ts";
import { type Readable, Store } from "../util/store.ts";
import type { Inbox } from "./inbox.ts";

const PAGE_SIZE = 50;
const MAX_PAGE = 1_000;

/** The messages that mention the caller. The list stays the same object until it changes. */
export interface MentionsSnapshot {
  status: "idle" | "loading" | "ready";
  /** Why the list could not be read. It is retried automatically. */
  error: ChatError | null;
  /** Newest first. */
  messages: readonly Message[];
  hasMore: boolean;
}

const IDLE: MentionsSnapshot = { status: "idle", error: null, messages: [], hasMore: false };

/**
 * The messages that mention the caller, also by mentioning everyone: `chat.mentions`. A store of MentionsSnapshot, live from
 * the first `subscribe` on. How many are unread is in the rooms: `mention_count` of each, `mentions` of all.
 *
 * @example
 * ```ts
 * chat.mentions.subscribe(() => {
 *   for (const { room_id, content } of chat.mentions.getSnapshot().messages) console.log(room_id, content);
 * });
 * ```
 */
export class Mentions implements Readable<MentionsSnapshot> {
  readonly #connection: Connection;
  readonly #inbox: Inbox;
  readonly #store = new Store(IDLE);
  #me = "";
  #reading: SingleFlight | undefined;
  #stops: (() => void)[] = [];
  #rooms = 0;
  /** How many messages have changed, by events. */
  #changes = 0;

  constructor(connection: Connection, inbox: Inbox) {
    this.#connection = connection;
    this.#inbox = inbox;
    connection.onEnd(() => {
      this.#stop();
      if (this.#store.isWatched) this.#start(); // for the next user
    });
  }

  readonly subscribe = (listener: () => void) => {
    this.#start();
    return this.#store.subscribe(listener);
  };

  readonly getSnapshot = () => this.#store.getSnapshot();

  /**
   * Adds the next page of older messages, if there is one.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (chat.mentions.getSnapshot().hasMore) await chat.mentions.loadMore();
   * ```
   */
  async loadMore(): Promise<void> {
    const { messages, hasMore } = this.#store.getSnapshot();
    const reading = this.#reading;
    if (!hasMore || !reading) return;
    const changes = this.#changes;
    const page = await readMentions(this.#connection, PAGE_SIZE, messages.at(-1)!.id);
    if (reading !== this.#reading) return;
    this.#hold([...this.#store.getSnapshot().messages, ...page.messages], page.before_id !== null);
    // One of the page may be among them.
    if (changes !== this.#changes) void reading.run();
  }

  #start(): void {
    if (this.#reading || this.#connection.isClosed) return;
    this.#store.patch({ status: "loading" });
    const reading: SingleFlight = new SingleFlight(
      this.#connection.retryMs,
      () => this.#read(reading),
      (error) => {
        this.#store.patch({ error });
        return error.passing;
      },
    );
    this.#reading = reading;
    this.#stops = [
      () => reading.close(),
      this.#inbox.subscribe(() => this.#countRooms()),
      this.#inbox.onGap(() => void reading.run()),
      this.#inbox.onMessage((message) => this.#receive(message)),
    ];
    void reading.run();
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#reading = undefined;
    this.#store.set(IDLE);
  }

  async #read(reading: SingleFlight): Promise<void> {
    this.#me = await this.#connection.userId();
    const limit = Math.min(Math.max(this.#store.getSnapshot().messages.length, PAGE_SIZE), MAX_PAGE);
    const page = await readMentions(this.#connection, limit);
    if (reading !== this.#reading) return;
    const { messages, hasMore } = this.#store.getSnapshot();
    const last = page.before_id;
    const older = last === null ? [] : messages.filter(({ id }) => id < last);
    // An event may have brought a newer version while the page was being read.
    const read = page.messages.map((message) => {
      const held = messages.find(({ id }) => id === message.id);
      return held ? newest(held, message) : message;
    });
    this.#hold([...read, ...older], older.length > 0 ? hasMore : last !== null);
  }

  /** A room that is gone takes its mentions along. */
  #countRooms(): void {
    const before = this.#rooms;
    this.#rooms = this.#inbox.getSnapshot().rooms.length;
    if (this.#rooms < before) void this.#reading?.run();
  }

  #receive(message: Message): void {
    const { messages, hasMore } = this.#store.getSnapshot();
    const held = messages.find(({ id }) => id === message.id);
    if (held && isMentioning(message, this.#me)) {
      this.#hold(messages.map((each) => each === held ? newest(held, message) : each), hasMore);
    } else if (held) this.#hold(messages.filter((each) => each !== held), hasMore);
    else if (isMentioning(message, this.#me)) void this.#reading?.run();
    if (!message.edited_at && !message.deleted_at) return;
    this.#changes++;
    // A page that is being read may have the message as it was.
    if (this.#reading?.isRunning) void this.#reading.run();
  }

  #hold(messages: readonly Message[], hasMore: boolean): void {
    const byId = new Map(messages.map((message) => [message.id, message]));
    const sorted = [...byId.values()].sort((one, other) => other.id - one.id);
    this.#store.patch({ status: "ready", error: null, messages: sorted, hasMore });
  }
}
