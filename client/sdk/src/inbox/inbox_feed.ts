import type { Connection } from "../connection/connection.ts";
import { isCounted, parseEvent, type RoomEvent, type UncountedEvent } from "../contract/events.ts";
import { findRoom, type InboxRoom, listRooms, withReadMark } from "../data/inbox_room.ts";
import { isMentioning, type Message, messageOf } from "../data/messages.ts";
import { changeRoom } from "../data/room_changes.ts";
import type { Store } from "../util/store.ts";
import { InboxReader } from "./inbox_reader.ts";
import { arranged, byActivity, type InboxSnapshot, merged } from "./inbox_snapshot.ts";
import { InboxSubscriptions } from "./inbox_subscriptions.ts";

const PAGE_SIZE = 100;

interface InboxListener {
  /** An event says that a message is new, edited or deleted. */
  onMessage(message: Message): void;
  /** Rooms have changed without an event of it. */
  onGap(): void;
}

/**
 * Follows the list of rooms for one signed-in user: by the events of the user, which say when a dormant room changes, by those
 * of the other rooms, and by polling.
 */
export class InboxFeed {
  readonly #connection: Connection;
  readonly #store: Store<InboxSnapshot>;
  readonly #listener: InboxListener;
  readonly #subscriptions: InboxSubscriptions;
  readonly #reader: InboxReader;
  /** The rooms of which the user has set something since the running read began. */
  readonly #set = new Set<number>();
  #stops: (() => void)[];
  #me = "";
  #isClosed = false;

  constructor(connection: Connection, store: Store<InboxSnapshot>, listener: InboxListener) {
    this.#listener = listener;
    this.#connection = connection;
    this.#store = store;
    this.#subscriptions = new InboxSubscriptions(connection, {
      onEvent: (event) => this.#receive(event),
      onGap: (id) => this.reread(id),
    });
    this.#reader = new InboxReader(connection.retryMs, {
      list: () => this.#readList(),
      room: (id) => this.#readRoom(id),
      onFailed: (error) => store.patch({ error }),
    });
    const refresh = () => this.#reader.refresh();
    const poll = setInterval(refresh, connection.pollMs);
    this.#stops = [() => clearInterval(poll), connection.onWake(refresh)];
    store.patch({ status: "loading" });
    refresh();
  }

  /** The next user gets a new feed; results that are still on their way are dropped. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#reader.close();
    this.#subscriptions.close();
  }

  reread(roomId: number): void {
    this.#reader.reread(roomId);
  }

  async more(): Promise<void> {
    const { rooms, hasMore } = this.#store.getSnapshot();
    if (!hasMore) return;
    const page = await listRooms(this.#connection, { before: rooms.at(-1)!.id, limit: PAGE_SIZE });
    this.#noteDelivered(page);
    this.#hold(merged(page, this.#store.getSnapshot().rooms), page.length === PAGE_SIZE);
  }

  /** Shows what the user has set for a room. */
  set(roomId: number, fields: Partial<InboxRoom>): void {
    this.#set.add(roomId);
    this.change(roomId, (room) => ({ ...room, ...fields }));
  }

  change(roomId: number, change: (room: InboxRoom) => InboxRoom): void {
    const { rooms, hasMore } = this.#store.getSnapshot();
    const room = rooms.find(({ id }) => id === roomId);
    const next = room && change(room);
    if (next && next !== room) this.#hold(rooms.map((each) => each === room ? next : each), hasMore);
  }

  async #readList(): Promise<void> {
    const me = await this.#connection.userId();
    const limit = Math.min(Math.max(this.#store.getSnapshot().rooms.length, PAGE_SIZE), 1_000);
    this.#set.clear();
    const page = await listRooms(this.#connection, { limit });
    this.#noteDelivered(page);
    this.#noteGap(page);
    if (!this.#me && !this.#isClosed) this.#listen(me);
    const { rooms } = this.#store.getSnapshot();
    const ids = new Set(page.map(({ id }) => id));
    // Rooms below the page are kept if they were loaded; a room that the page should contain but does not is gone.
    const last = page.length === limit ? page.at(-1) : undefined;
    const kept = rooms.filter((room) => ids.has(room.id) || last && byActivity(last, room) < 0);
    this.#hold(merged(page, kept, this.#set), page.length === limit);
  }

  async #readRoom(id: number): Promise<void> {
    this.#set.clear();
    const found = await findRoom(this.#connection, id);
    const read = found ? [found] : [];
    this.#noteDelivered(read);
    this.#noteGap(read);
    const { rooms, hasMore } = this.#store.getSnapshot();
    this.#hold(merged(read, found ? rooms : rooms.filter((room) => room.id !== id), this.#set), hasMore);
  }

  #listen(me: string): void {
    this.#me = me;
    const subscription = this.#connection.channels.subscribe(`user:${me}`, {
      onEvent: (name, payload) => {
        const event = parseEvent("user", name, payload);
        if (event?.event === "room.read") this.#mark(event.room_id, event.last_read_seq);
        else if (event && "room_id" in event && event.room_id !== null) this.reread(event.room_id);
      },
      onJoined: () => this.#reader.refresh(),
      onLost: () => this.#reader.refresh(),
    });
    this.#stops.push(() => subscription.unsubscribe());
  }

  #receive(change: RoomEvent): void {
    const room = this.#store.getSnapshot().rooms.find(({ id }) => id === change.room_id);
    if (!room) return;
    if (!isCounted(change)) return this.#receiveUncounted(room, change);
    const message = messageOf(change);
    if (message && message.sender_id !== this.#me) this.#connection.deliveries.note(room.id, message.seq);
    if (message) this.#listener.onMessage(message);
    if (change.version === room.version + 1) this.change(room.id, (room) => changeRoom(room, change, this.#me));
    else if (change.version > room.version) this.reread(room.id);
    // Only the server knows whether an unread message mentioned the caller before it was edited or deleted.
    const isEarlier = message && message.seq <= room.last_seq && message.seq > room.last_read_seq;
    if (isEarlier && (room.mention_count > 0 || isMentioning(message, this.#me))) this.reread(room.id);
    // The other member of a direct room was renamed.
    if (change.event === "room.updated" && change.slug) this.reread(room.id);
  }

  /** Records that the last message of each room has arrived. */
  #noteDelivered(rooms: readonly InboxRoom[]): void {
    if (this.#isClosed) return;
    for (const { id, unread_count, last_seq } of rooms) {
      if (unread_count > 0) this.#connection.deliveries.note(id, last_seq);
    }
  }

  /** Reports a gap when a room has a newer version than its events brought. */
  #noteGap(read: readonly InboxRoom[]): void {
    const { rooms, status } = this.#store.getSnapshot();
    if (this.#isClosed || status !== "ready") return;
    const held = new Map(rooms.map(({ id, version }) => [id, version]));
    if (read.some(({ id, version }) => version > (held.get(id) ?? 0))) this.#listener.onGap();
  }

  #receiveUncounted({ id }: InboxRoom, event: UncountedEvent): void {
    if (event.event === "member.read" && event.user_id === this.#me) this.#mark(id, event.last_read_seq);
    else if (event.event === "room.moved") this.change(id, (room) => ({ ...room, topic: event.topic }));
    else if (event.event === "room.deleted") this.reread(id);
  }

  /** Another device has read up to here. The remaining unread messages can only be counted by the server. */
  #mark(id: number, seq: number): void {
    this.change(id, (room) => withReadMark(room, seq));
    const room = this.#store.getSnapshot().rooms.find((room) => room.id === id);
    if (room && seq < room.last_seq) this.reread(id);
  }

  #hold(rooms: readonly InboxRoom[], hasMore: boolean): void {
    if (this.#isClosed) return;
    const arrangement = arranged(rooms, this.#store.getSnapshot().rooms);
    this.#store.patch({ status: "ready", error: null, hasMore, ...arrangement });
    this.#subscriptions.follow(arrangement.rooms);
  }
}
