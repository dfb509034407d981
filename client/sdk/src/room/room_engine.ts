import type { Connection } from "../connection/connection.ts";
import type { Change, Mark, SyncPage, UncountedEvent } from "../contract/events.ts";
import type { InboxRoom } from "../data/inbox_room.ts";
import { callForMessage, changeOf, type Message, messageOf } from "../data/messages.ts";
import { marksOf } from "../data/room_changes.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { Backoff } from "../util/backoff.ts";
import type { ChatError } from "../util/errors.ts";
import { loadWithRetries } from "../util/load_with_retries.ts";
import { Store } from "../util/store.ts";
import { Feed } from "./feed.ts";
import { PendingMessages } from "./pending_messages.ts";
import { RoomPresence } from "./room_presence.ts";
import { changeOfReactions, PendingReactions, type Wish } from "./reactions.ts";
import { type RoomSnapshot, UNLOADED } from "./room_snapshot.ts";
import { RoomState, view } from "./room_state.ts";

export interface OpenOptions {
  /** Messages per page. Default 50. */
  pageSize?: number;
  /** Which messages it shows: the newest, or those around the first unread one, so that they come at once. Default newest. */
  at?: "newest" | "unread";
}

/** Runs an open room: its state, the feed that changes it, and the store that shows it. */
export class RoomEngine {
  readonly store: Store<RoomSnapshot>;
  readonly state: RoomState;
  readonly ready: Promise<void>;
  feed: Feed | undefined;
  presence: RoomPresence | undefined;
  readonly #connection: Connection;
  readonly #pending: PendingMessages;
  readonly #reactions = new PendingReactions();
  readonly #stops: (() => void)[] = [];
  readonly #backoff: Backoff;
  #me = "";
  isClosed = false;

  constructor(
    connection: Connection,
    outbox: Outbox,
    readonly id: number,
    private readonly options: Required<OpenOptions>,
    private readonly known: () => InboxRoom | undefined,
  ) {
    this.#connection = connection;
    this.#backoff = new Backoff(connection.retryMs);
    this.state = new RoomState(connection, id, options.pageSize);
    this.store = new Store<RoomSnapshot>({ ...UNLOADED, id });
    this.#pending = new PendingMessages(outbox, id, () => this.show());
    this.#stops.push(
      outbox.onSent((message) => message.room_id === id && this.#expect(message)),
      connection.onWake(() => this.#backoff.skip()),
      connection.onEnd(() => this.end(null)),
      () => this.#pending.close(),
    );
    this.ready = loadWithRetries(this, this.#backoff);
    this.ready.catch(() => {}); // the snapshot shows it as well
  }

  /**
   * Moves the caller's read mark.
   * @returns its new seq, or undefined if it has not moved
   */
  markRead(wanted: number): number | undefined {
    const { room } = this.state;
    const seq = Math.min(wanted, room?.last_seq ?? 0);
    if (this.isClosed || !room || !(seq > room.last_read_seq)) return undefined; // false for NaN
    this.#connection.readMarks.set(this.id, seq);
    this.#moveMarks([this.#ownMark(seq)]);
    return seq;
  }

  /** Applies the message that a call returns. */
  async change(answer: Promise<Message>): Promise<void> {
    const message = await answer;
    this.state.timeline.update(message);
    this.#expect(message);
    this.show();
  }

  /** Puts a reaction on a message, or takes it back. It shows at once, and until the server refuses it. */
  async react(wish: Wish): Promise<void> {
    const { messageId: message_id, emoji, added } = wish;
    const call = () => callForMessage(this.#connection, added ? "react" : "unreact", { message_id, emoji });
    try {
      const message = await this.#reactions.send(wish, call, () => this.show());
      const change = changeOfReactions(message, wish, this.#me);
      if (change) {
        this.state.timeline.react(change);
        this.feed?.expect(change);
      }
    } finally {
      this.show();
    }
  }

  /** Writes the current state to the store. */
  show(): void {
    if (this.isClosed || !this.#me) return;
    const { timeline: { shown }, room, members, hasNewer } = this.state;
    const messages = this.#reactions.over(
      hasNewer ? shown.messages : this.#pending.after(shown.messages, this.#me, members),
    );
    if (!room) return this.store.patch({ messages });
    const presence = this.presence?.view(this.store.getSnapshot());
    this.store.patch({ messages, ...presence, ...view(this.state, room, this.#me) });
    void this.state.loadReferences().then((isLoaded) => isLoaded && this.show());
    void this.state.system.load(this.state.range).then((isLoaded) => isLoaded && this.show());
  }

  /** Loads the room, then follows it. */
  async load(): Promise<void> {
    this.#me = await this.#connection.userId();
    this.show(); // the queued messages
    // The server may get it after it has read the room.
    const unsent = this.#connection.readMarks.unsent(this.id);
    const { version, topic } = await this.state.load(this.known(), this.options.at);
    if (this.isClosed) return;
    this.state.moveMark(this.#ownMark(Math.max(unsent, this.#connection.readMarks.unsent(this.id))), this.#me);
    if (this.state.room!.unread_count > 0) {
      this.#connection.deliveries.note(this.id, this.state.timeline.newest.lastSeq);
    }
    this.presence = new RoomPresence(this.#connection, this.state, this.#me, () => this.show());
    this.store.patch({ status: "connecting", error: null });
    this.show();
    this.presence.move(topic);
    this.feed = new Feed(this.#connection, this.id, { version, topic }, {
      onChanges: (changes, page) => this.#changed(changes, page),
      onRepeated: (change) => this.#moveMarks(marksOf(change)),
      onUncounted: (event) => this.#receiveUncounted(event),
      onMoved: (topic) => this.presence?.move(topic),
      reload: () => this.state.load(),
      onLive: (isLive) => {
        this.store.patch({ status: isLive ? "live" : "connecting" });
        if (isLive) this.presence?.refresh();
      },
      onEnded: (error) => this.end(error),
    });
  }

  /** Closes for good. */
  end(error: ChatError | null): void {
    if (this.isClosed) return;
    this.#connection.readMarks.flush();
    this.isClosed = true;
    this.#backoff.close();
    this.feed?.close();
    this.presence?.close();
    for (const stop of this.#stops) stop();
    this.store.patch({ status: "closed", error, typing: [], online: [] });
  }

  #ownMark(seq: number): Mark {
    return { user_id: this.#me, last_read_seq: seq, last_delivered_seq: seq };
  }

  #moveMarks(marks: readonly Mark[]): void {
    for (const mark of marks) this.state.moveMark(mark, this.#me);
    if (marks.length > 0) this.show();
  }

  #changed(changes: readonly Change[], page?: SyncPage): void {
    this.state.apply(changes, this.#me, page);
    for (const change of changes) {
      const message = messageOf(change);
      this.presence?.applyChange(change);
      if (message && message.sender_id !== this.#me) this.#connection.deliveries.note(this.id, message.seq);
      // In a page it may have happened long ago.
      if (change.event === "member.left" && change.user_id === this.#me && !page) this.feed?.resume();
    }
    // The other member of a direct room was renamed.
    if (changes.some((change) => change.event === "room.updated" && change.slug)) {
      void this.state.rename().then(() => this.show(), () => {});
    }
    if (page) this.#connection.readMarks.flush();
    this.show();
  }

  #receiveUncounted(event: UncountedEvent): void {
    this.state.receiveUncounted(event, this.#me);
    this.presence?.receiveUncounted(event);
    this.show();
  }

  #expect(message: Message): void {
    this.feed?.expect(changeOf(message));
  }
}
