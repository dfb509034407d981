import { Backoff } from "./backoff.ts";
import { type Change, counted } from "./changes.ts";
import type { Seat } from "./channels.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type ChatError } from "./errors.ts";
import { byActivity, findRoom, type InboxRoom, listRooms, marked } from "./inbox_room.ts";
import { changeRoom } from "./room_changes.ts";
import { type Readable, Store } from "./store.ts";

/** The rooms of the caller. Lists and rooms stay the same objects until they change. */
export interface InboxSnapshot {
  status: "idle" | "loading" | "ready";
  /** Why it could not be read; it tries again by itself. */
  error: ChatError | null;
  /** The most recently active first, archived ones among them: see `archived_at`. */
  rooms: readonly InboxRoom[];
  /** Unread messages in rooms that are neither archived nor muted. */
  unread: number;
  hasMore: boolean;
}

/** Realtime allows 100 channels a connection; open rooms need theirs too. */
const LIVE_ROOMS = 60;
const PAGE = 100;

/** The live list of rooms: events of each of the most active, and the list itself for what they did not tell. */
export class Inbox implements Readable<InboxSnapshot> {
  readonly #connection: Connection;
  readonly #store = new Store<InboxSnapshot>({ status: "idle", error: null, rooms: [], unread: 0, hasMore: false });
  readonly #seats = new Map<number, { topic: string; seat: Seat }>();
  readonly #stale = new Set<number>();
  readonly #backoff: Backoff;
  #stops: (() => void)[] = [];
  #me = "";
  #all = false;
  #running: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#backoff = new Backoff(connection.retryMs);
    connection.onEnd(() => {
      this.stop();
      if (this.#store.watched && !connection.closed) this.start(); // for who signs in next
    });
    connection.onWake(() => this.#started && this.refresh());
  }

  readonly subscribe = (listener: () => void) => {
    this.start();
    return this.#store.subscribe(listener);
  };

  readonly getSnapshot = () => this.#store.getSnapshot();

  /** Begins to follow; subscribing does so too. */
  start(): void {
    if (this.#started) return;
    this.#store.patch({ status: "loading" });
    const poll = setInterval(() => this.refresh(), this.#connection.pollMs);
    this.#stops.push(() => clearInterval(poll), () => this.#backoff.now());
    void this.refresh();
  }

  /** Forgets the list, and follows no more. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const { seat } of this.#seats.values()) seat.leave();
    this.#seats.clear();
    this.#me = "";
    this.#store.set({ status: "idle", error: null, rooms: [], unread: 0, hasMore: false });
  }

  /** Reads the list again; resolves when that is done. */
  refresh(): Promise<void> {
    this.#all = true;
    return this.#read();
  }

  /** Reads one room again, which may be new or gone. */
  reread(roomId: number): void {
    this.#stale.add(roomId);
    if (this.#started) void this.#read();
  }

  /** Reads the rooms after those that are held. */
  async more(): Promise<void> {
    const { rooms, hasMore } = this.getSnapshot();
    if (!hasMore) return;
    const page = await listRooms(this.#connection, { before: rooms.at(-1)!.id, limit: PAGE });
    if (this.#started) this.#hold([...this.#others(page), ...page], page.length === PAGE);
  }

  /** Moves the caller's mark in a room. */
  markRead(roomId: number, seq: number): void {
    this.#change(roomId, (room) => marked(room, seq));
  }

  /** Shows what the caller has set, before the list tells. */
  patch(roomId: number, fields: Partial<InboxRoom>): void {
    this.#change(roomId, (room) => ({ ...room, ...fields }));
  }

  get #started(): boolean {
    return this.#stops.length > 0;
  }

  #read(): Promise<void> {
    this.#backoff.now();
    return this.#running ??= this.#readAll().finally(() => this.#running = undefined);
  }

  async #readAll(): Promise<void> {
    // What becomes stale at the same moment, as after a reconnect, is read at once.
    await new Promise((resolve) => setTimeout(resolve, 20));
    while (this.#started && (this.#all || this.#stale.size > 0)) {
      const all = this.#all || this.#stale.size > 3;
      const stale = [...this.#stale];
      this.#all = false;
      this.#stale.clear();
      try {
        await (all ? this.#readList() : Promise.all(stale.map((id) => this.#readRoom(id))));
        this.#backoff.reset();
      } catch (failure) {
        const error = asChatError(failure);
        this.#store.patch({ error });
        if (!error.passing) return;
        this.#all = true;
        await this.#backoff.wait();
      }
    }
  }

  async #readList(): Promise<void> {
    const me = await this.#connection.userId();
    const limit = Math.min(Math.max(this.getSnapshot().rooms.length, PAGE), 1_000);
    const page = await listRooms(this.#connection, { limit });
    if (!this.#started) return;
    if (this.#me !== me) this.#listen(me);
    // What lies below the page is kept, as far as it was read.
    const last = page.at(-1);
    const below = page.length < limit ? [] : this.#others(page).filter((room) => byActivity(last!, room) < 0);
    const held = new Map(this.getSnapshot().rooms.map((room) => [room.id, room]));
    this.#hold([...page.map((room) => newer(room, held.get(room.id))), ...below], page.length === limit);
  }

  async #readRoom(id: number): Promise<void> {
    const found = await findRoom(this.#connection, id);
    if (!this.#started) return;
    const { rooms, hasMore } = this.getSnapshot();
    const others = rooms.filter((room) => room.id !== id);
    const held = rooms.find((room) => room.id === id);
    this.#hold(found ? [...others, newer(found, held)] : others, hasMore);
  }

  #others(page: readonly InboxRoom[]): InboxRoom[] {
    const ids = new Set(page.map(({ id }) => id));
    return this.getSnapshot().rooms.filter(({ id }) => !ids.has(id));
  }

  #listen(me: string): void {
    this.#me = me;
    const seat = this.#connection.channels.join(`user:${me}`, {
      heard: (event, { room_id }) => event.startsWith("room.") && this.reread(room_id),
      joined: () => void this.refresh(),
    });
    this.#stops.push(() => seat.leave());
  }

  #hear(change: Change): void {
    const room = this.getSnapshot().rooms.find(({ id }) => id === change.room_id);
    if (!room) return;
    if (!counted(change)) return this.#pass(room, change);
    if (change.version === room.version + 1) this.#change(room.id, (room) => changeRoom(room, change, this.#me));
    else if (change.version > room.version) this.reread(room.id);
  }

  #pass({ id }: InboxRoom, { event, user_id, last_read_seq, topic }: Change): void {
    if (event === "member.read" && user_id === this.#me) this.markRead(id, last_read_seq!);
    else if (event === "room.moved") this.patch(id, { topic: topic! });
    else if (event === "room.deleted") this.reread(id);
  }

  #change(roomId: number, change: (room: InboxRoom) => InboxRoom): void {
    const { rooms, hasMore } = this.getSnapshot();
    const room = rooms.find(({ id }) => id === roomId);
    const next = room && change(room);
    if (next && next !== room) this.#hold(rooms.map((each) => each === room ? next : each), hasMore);
  }

  #hold(rooms: readonly InboxRoom[], hasMore: boolean): void {
    const before = this.getSnapshot().rooms;
    const sorted = [...rooms].sort(byActivity);
    const same = sorted.length === before.length && sorted.every((room, index) => room === before[index]);
    const ordered = same ? before : sorted;
    const loud = ordered.filter(({ archived_at, muted_until }) => !archived_at && !isMuted(muted_until));
    const unread = loud.reduce((sum, { unread_count }) => sum + unread_count, 0);
    this.#store.patch({ status: "ready", error: null, rooms: ordered, unread, hasMore });
    this.#sit(ordered.slice(0, LIVE_ROOMS));
  }

  #sit(rooms: readonly InboxRoom[]): void {
    const wanted = new Map(rooms.map(({ id, topic }) => [id, topic]));
    for (const [id, { topic, seat }] of this.#seats) {
      if (wanted.get(id) === topic) continue;
      seat.leave();
      this.#seats.delete(id);
    }
    for (const [id, topic] of wanted) {
      if (this.#seats.has(id)) continue;
      const seat = this.#connection.channels.join(topic, {
        heard: (event, payload) => this.#hear({ ...payload as Change, event }),
        joined: () => this.reread(id),
        lost: () => this.reread(id),
      });
      this.#seats.set(id, { topic, seat });
    }
  }
}

const isMuted = (until: string | null) => until !== null && Date.parse(until) > Date.now();

/** What was read, unless an event has told of a later version meanwhile; read marks only move forward. */
function newer(read: InboxRoom, held: InboxRoom | undefined): InboxRoom {
  if (!held) return read;
  const { archived_at, muted_until } = read;
  const base = held.version > read.version ? { ...held, archived_at, muted_until } : read;
  const room = marked(base, Math.max(held.last_read_seq, read.last_read_seq));
  return JSON.stringify(room) === JSON.stringify(held) ? held : room;
}
