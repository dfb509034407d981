import type { Change, Pin, SyncPage } from "./changes.ts";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { asChatError, ChatError } from "./errors.ts";
import { Feed } from "./feed.ts";
import type { InboxRoom } from "./inbox_room.ts";
import { Live, type Typist } from "./live.ts";
import {
  answeredMessage,
  eventOf,
  type Message,
  type MessageCall,
  type RoomMessage,
  type SentMessage,
} from "./messages.ts";
import type { Outbox, SendOptions } from "./outbox.ts";
import { Pending } from "./pending.ts";
import { ReadMark } from "./read_mark.ts";
import type { Member } from "./room_changes.ts";
import { readMessages, searchMessages, type SearchOptions } from "./room_reads.ts";
import { RoomState } from "./room_state.ts";
import { type Readable, Store } from "./store.ts";

/** What an open room shows. Lists and messages stay the same objects until they change. */
export interface RoomSnapshot {
  id: number;
  /** `connecting`: it shows what it knows and tries to catch up. `closed`: for good, see `error`. */
  status: "loading" | "connecting" | "live" | "closed";
  /** Why it closed: code `room_not_found` or `not_a_member` when the caller was removed or the room is gone. Or why it
   * still loads: `offline`, `not_signed_in` … */
  error: ChatError | null;
  /** Name, role, topic …; `null` while loading. */
  room: InboxRoom | null;
  /** Oldest first, without holes; what is not sent yet stands at the end. */
  messages: readonly RoomMessage[];
  /** Messages that replies and pins refer to and that lie outside of `messages`, by id. */
  references: ReadonlyMap<number, SentMessage>;
  hasOlder: boolean;
  loadingOlder: boolean;
  members: readonly Member[];
  /** Oldest first. */
  pins: readonly Pin[];
  /** Who is writing, without the caller. */
  typing: readonly Typist[];
  /** The ids of those who have the room open. */
  online: readonly string[];
  /** How many messages the caller has not read. */
  unread: number;
  /** Everybody else has read up to this seq; 0 in rooms of more than 50. */
  seenSeq: number;
}

export interface OpenOptions {
  /** Messages a page. Default 50. */
  pageSize?: number;
}

/**
 * An open room that stays as it is in the database: by events as they come, and by `sync` for what they did not tell.
 * Made by `chat.rooms.open(id)`; a store of RoomSnapshot.
 */
export class LiveRoom implements Readable<RoomSnapshot> {
  /** Resolves when the room is shown first, however long the network takes; rejects when it cannot be. */
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #store: Store<RoomSnapshot>;
  readonly #state: RoomState;
  readonly #pending: Pending;
  readonly #mark: ReadMark;
  readonly #onRead: (seq: number) => void;
  readonly #stops: (() => void)[] = [];
  #feed: Feed | undefined;
  #live: Live | undefined;
  #me = "";
  #closed = false;

  constructor(
    connection: Connection,
    outbox: Outbox,
    readonly id: number,
    { pageSize = 50 }: OpenOptions = {},
    onRead: (seq: number) => void = () => {},
  ) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#onRead = onRead;
    this.#state = new RoomState(connection, id, pageSize);
    this.#mark = new ReadMark(connection, id);
    this.#pending = new Pending(outbox, id, () => this.#show());
    this.#store = new Store<RoomSnapshot>({ ...empty, id });
    const stopHearing = outbox.onSent((message) => message.room_id === id && this.#expect(message));
    this.#stops.push(connection.onEnd(() => this.close()), () => this.#pending.close(), stopHearing);
    this.ready = this.#start();
    this.ready.catch(() => {}); // told in the snapshot as well
  }

  readonly subscribe = (listener: () => void) => this.#store.subscribe(listener);
  readonly getSnapshot = () => this.#store.getSnapshot();

  /**
   * Sends a message: it shows at once, as `sending`, and is sent when there is a network, after those before it.
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.send("Tea at five?");
   * room.send("Yes!", { replyTo: message.id });
   * ```
   */
  send(content: string, { replyTo, metadata }: SendOptions = {}): string {
    this.stopTyping();
    return this.#outbox.add({ room_id: this.id, content, reply_to_id: replyTo ?? null, metadata: metadata ?? {} });
  }

  /**
   * Sends a refused message again.
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.retry(message.client_id);
   * }
   * ```
   */
  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  /**
   * Forgets a message that was not sent.
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.discard(message.client_id);
   * }
   * ```
   */
  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /**
   * Changes one's own message.
   * @throws ChatError message_not_found, sender_required
   *
   * @example
   * ```ts
   * await room.edit(message.id, "Tea at six?");
   * ```
   */
  async edit(messageId: number, content: string): Promise<void> {
    await this.#change(this.#connection.db.rpc("edit_message", { message_id: messageId, content }));
  }

  /**
   * Leaves a tombstone in place of one's own message, or, as owner or admin, of any.
   * @throws ChatError message_not_found, role_required
   *
   * @example
   * ```ts
   * await room.delete(message.id);
   * ```
   */
  async delete(messageId: number): Promise<void> {
    await this.#change(this.#connection.db.rpc("delete_message", { message_id: messageId }));
  }

  /**
   * Sends what a message says to another room, through the queue.
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.forward(message.id, otherRoomId);
   * ```
   */
  forward(messageId: number, roomId: number): string {
    const content = this.find(messageId)?.content ?? "";
    return this.#outbox.add({ room_id: roomId, content, forwarded_from_id: messageId });
  }

  /**
   * Pins a message for everyone in the room.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.pin(message.id);
   * ```
   */
  async pin(messageId: number): Promise<void> {
    await this.#connection.call(this.#connection.db.rpc("pin_message", { message_id: messageId }));
  }

  /**
   * Unpins a message; if it was not pinned, nothing changes.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.unpin(message.id);
   * ```
   */
  async unpin(messageId: number): Promise<void> {
    await this.#connection.call(this.#connection.db.rpc("unpin_message", { message_id: messageId }));
  }

  /**
   * Shows a page of older messages.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (room.getSnapshot().hasOlder) await room.loadOlder();
   * ```
   */
  async loadOlder(limit?: number): Promise<void> {
    await this.#loadingOlder(() => this.#state.loadOlder(limit));
  }

  /**
   * Shows all messages from a seq on, to jump to one found or replied to.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [found] = await room.search("tea");
   * if (found) await room.loadFrom(found.seq);
   * ```
   */
  async loadFrom(seq: number): Promise<void> {
    await this.#loadingOlder(async () => {
      const { timeline } = this.#state;
      while (timeline.firstSeq > Math.max(seq, 1)) {
        await this.#state.loadOlder(Math.min(timeline.firstSeq - Math.max(seq, 1), 1_000));
      }
    });
  }

  /**
   * A message that is held: shown, or referred to by a reply or a pin.
   *
   * @example
   * ```ts
   * const quoted = message.reply_to_id && room.find(message.reply_to_id);
   * ```
   */
  find(messageId: number): SentMessage | undefined {
    return this.#state.timeline.find(messageId);
  }

  /**
   * A message of the room, asked for where it is not held.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * const { content } = await room.message(message.id);
   * ```
   */
  async message(messageId: number): Promise<SentMessage> {
    if (!this.find(messageId)) {
      await this.#state.timeline.refer(() => readMessages(this.#connection, [messageId]));
      this.#show();
    }
    const found = this.find(messageId);
    if (!found) throw new ChatError("message_not_found", 404, "No such message.");
    return found;
  }

  /**
   * Messages of the room that hold the words in any form, or the text as a part, newest first.
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const found = await room.search("tea", { limit: 20 });
   * ```
   */
  search(query: string, options: SearchOptions = {}): Promise<Message[]> {
    return searchMessages(this.#connection, query, options, this.id);
  }

  /**
   * Says that the caller is writing: call it at each key, it is told at most every 3 seconds, and forgotten after 6.
   *
   * @example
   * ```ts
   * input.addEventListener("input", () => room.typing());
   * ```
   */
  typing(): void {
    this.#live?.say(true);
  }

  /**
   * Says that the caller has stopped writing. Sending says so too.
   *
   * @example
   * ```ts
   * input.addEventListener("blur", () => room.stopTyping());
   * ```
   */
  stopTyping(): void {
    this.#live?.say(false);
  }

  /**
   * Marks as read what is shown, or up to a seq. Call it as often as you like: it is told at most twice a second.
   *
   * @example
   * ```ts
   * room.markRead();
   * ```
   */
  markRead(seq: number = this.#state.timeline.lastSeq): void {
    const { room } = this.#state;
    if (this.#closed || !room || seq <= room.last_read_seq) return;
    this.#mark.set(seq);
    this.#state.mark({ user_id: this.#me, last_read_seq: seq, last_delivered_seq: seq }, this.#me);
    this.#onRead(seq);
    this.#show();
  }

  /**
   * Asks for what has changed. It happens by itself after a hole, a reconnect, when the page is looked at again, and
   * when the token was renewed.
   *
   * @example
   * ```ts
   * room.sync();
   * ```
   */
  sync(): void {
    this.#feed?.resume();
  }

  /**
   * Stops following the room. What waits in the queue is still sent.
   *
   * @example
   * ```ts
   * room.close();
   * ```
   */
  close(): void {
    this.#end(null);
  }

  async #start(): Promise<void> {
    const backoff = new Backoff(this.#connection.retryMs);
    this.#stops.push(() => backoff.now(), this.#connection.onWake(() => backoff.now()));
    while (!this.#closed) {
      try {
        return await this.#begin();
      } catch (failure) {
        const error = asChatError(failure);
        if (!error.passing) {
          this.#end(error);
          throw error;
        }
        this.#store.patch({ error });
        await backoff.wait();
      }
    }
    throw new ChatError("closed", 0, "The room was closed before it was shown.");
  }

  async #begin(): Promise<void> {
    this.#me = await this.#connection.userId();
    const { version, topic } = await this.#state.load();
    if (this.#closed) return;
    const username = this.#state.members.find(({ user_id }) => user_id === this.#me)?.username ?? "";
    this.#live = new Live(this.#connection, { user_id: this.#me, username }, {
      typing: (typing) => this.#store.patch({ typing }),
      online: (online) => this.#store.patch({ online }),
    });
    this.#store.patch({ status: "connecting", error: null });
    this.#show();
    this.#live.move(topic);
    this.#feed = new Feed(this.#connection, this.id, { version, topic }, {
      changed: (changes, page) => this.#changed(changes, page),
      passed: (event) => this.#passed(event),
      moved: (topic) => this.#live?.move(topic),
      restart: async () => (await this.#state.load()).version,
      live: (live) => this.#store.patch({ status: live ? "live" : "connecting" }),
      ended: (error) => this.#end(error),
    });
  }

  #changed(changes: readonly Change[], page?: SyncPage): void {
    this.#state.apply(changes, this.#me, page);
    for (const { message, event, user_id } of changes) {
      if (message && this.#live) this.#live.stopped(message.sender_id);
      if (event === "member.left") this.#live?.stopped(user_id!);
      // In a page it may be long ago.
      if (event === "member.left" && user_id === this.#me && !page) this.sync();
    }
    if (page) void this.#mark.flush();
    this.#show();
  }

  #passed(event: Change): void {
    this.#state.pass(event, this.#me);
    this.#show();
  }

  async #change(call: MessageCall): Promise<void> {
    const message = await answeredMessage(this.#connection, call);
    this.#state.timeline.update(message);
    this.#expect(message);
    this.#show();
  }

  #expect(message: Message): void {
    this.#feed?.expect({ event: eventOf(message), room_id: this.id, version: message.version, message });
  }

  async #loadingOlder(load: () => Promise<void>): Promise<void> {
    if (this.getSnapshot().loadingOlder || this.#closed) return;
    this.#store.patch({ loadingOlder: true });
    try {
      await load();
    } finally {
      this.#store.patch({ loadingOlder: false });
      this.#show();
    }
  }

  #show(): void {
    const { timeline, room, members, pins } = this.#state;
    if (!room || this.#closed) return;
    this.#store.patch({
      room,
      messages: this.#pending.after(timeline.messages, this.#me, members),
      references: timeline.references,
      hasOlder: timeline.firstSeq > 1,
      members,
      pins,
      unread: room.unread_count,
      seenSeq: this.#state.seenSeq(this.#me),
    });
    void this.#state.loadReferences().then((loaded) => loaded && this.#show());
  }

  #end(error: ChatError | null): void {
    if (this.#closed) return;
    void this.#mark.flush();
    this.#closed = true;
    this.#feed?.close();
    this.#live?.close();
    for (const stop of this.#stops) stop();
    this.#store.patch({ status: "closed", error, typing: [], online: [] });
  }
}

const empty: Omit<RoomSnapshot, "id"> = {
  status: "loading",
  error: null,
  room: null,
  messages: [],
  references: new Map(),
  hasOlder: false,
  loadingOlder: false,
  members: [],
  pins: [],
  typing: [],
  online: [],
  unread: 0,
  seenSeq: 0,
};
