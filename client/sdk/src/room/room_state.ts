import type { Connection } from "../connection/connection.ts";
import { type Change, LARGE_ROOM, type Pin, type SyncPage, type UncountedEvent } from "../contract/events.ts";
import { type Counts, type InboxRoom, requireRoom, withReadMark } from "../data/inbox_room.ts";
import { isMentioning, type Message, messageOf } from "../data/messages.ts";
import { changeMembers, changePins, changeRoom, type Member, withMark } from "../data/room_changes.ts";
import { readContents, readMembers, readMessages, readPage } from "../data/room_queries.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";
import { SystemMessages } from "./system_messages.ts";
import { Timeline } from "./timeline.ts";

/** The state of a room, changed by its events in order of version. */
export class RoomState {
  readonly timeline = new Timeline();
  readonly system: SystemMessages;
  room: InboxRoom | undefined;
  members: readonly Member[] = [];
  pins: readonly Pin[] = [];
  /** References that were requested. */
  readonly #asked = new Set<number>();

  constructor(readonly connection: Connection, readonly roomId: number, readonly pageSize: number) {
    this.system = new SystemMessages(connection, roomId);
  }

  /**
   * Loads the room. Its version is read first, so that concurrent changes are applied again rather than lost.
   * @param known the room as the inbox has it, which saves reading it first
   * @param at which messages to show: the newest, or those around the first unread one
   * @throws ChatError room_not_found, and temporary errors
   */
  async load(known?: InboxRoom, at: "newest" | "unread" = "newest"): Promise<InboxRoom> {
    const { connection, roomId, pageSize, timeline } = this;
    const room = known ?? await requireRoom(connection, roomId);
    const contents = readContents(connection, roomId, room.last_seq, pageSize);
    const unread = at === "unread" && room.unread_count > 0 ? room.last_read_seq + 1 : undefined;
    const isFarBack = unread !== undefined && unread <= room.last_seq - 2 * pageSize;
    const around = isFarBack ? this.#readAround(unread) : undefined;
    const [{ members, pins, systemMessages }] = await Promise.all([
      contents,
      timeline.replace(async () => (await contents).messages),
      around,
    ]);
    // The inbox does not know yet that the caller has left.
    if (known && members.length === 0) return await this.load(undefined, at);
    if (around) await timeline.loadWindow(() => around);
    else if (unread !== undefined) await this.loadAround(unread);
    this.#asked.clear(); // they may have changed since
    this.system.replaceNewest(systemMessages);
    Object.assign(this, { room: withReadMark(room, this.room?.last_read_seq ?? 0), members, pins });
    return room;
  }

  /** Reads the current usernames. */
  async rename(): Promise<void> {
    const [{ title, other_member }, members] = await Promise.all([
      requireRoom(this.connection, this.roomId),
      readMembers(this.connection, this.roomId),
    ]);
    this.members = members;
    this.room = { ...this.room!, title, other_member };
    for (const { user_id, username } of members) this.timeline.rename(user_id, username);
  }

  /** The seqs after which system messages are shown: of the messages that are, and of none before them. */
  get range(): { from: number; to: number } {
    const { firstSeq, lastSeq } = this.timeline.shown;
    return { from: firstSeq === 1 ? 0 : firstSeq, to: this.hasNewer ? lastSeq : Infinity };
  }

  /** Loads a page before the messages that are shown. */
  async loadOlder(limit = this.pageSize): Promise<void> {
    if (this.timeline.shown.firstSeq === 1) return;
    await this.timeline.extend(({ firstSeq }) => readPage(this.connection, this.roomId, firstSeq, limit));
  }

  /** Loads a page after the messages that are shown, unless they are the newest. */
  async loadNewer(limit = this.pageSize): Promise<void> {
    if (!this.hasNewer) return;
    await this.timeline.extend(({ lastSeq }) => this.#readBetween(lastSeq + 1, lastSeq + limit));
  }

  /**
   * Shows the messages around a seq: what is loaded, or a page around it. Close to what is loaded, it loads up to there,
   * so that no gap appears.
   */
  async loadAround(seq: number): Promise<void> {
    const { timeline, pageSize } = this;
    const { shown, newest } = timeline;
    if (seq >= shown.firstSeq && seq <= shown.lastSeq) return;
    if (seq > newest.firstSeq - pageSize) {
      timeline.showNewest();
      const before = newest.firstSeq;
      if (seq < before) await this.loadOlder(before - seq + Math.ceil(pageSize / 2));
      return;
    }
    await timeline.loadWindow(() => this.#readAround(seq));
  }

  /** Whether there are newer messages than those that are shown. */
  get hasNewer(): boolean {
    return this.timeline.shown !== this.timeline.newest;
  }

  #readAround(seq: number): Promise<Message[]> {
    const first = Math.max(seq - Math.floor(this.pageSize / 2), 1);
    return this.#readBetween(first, first + this.pageSize - 1);
  }

  #readBetween(first: number, last: number): Promise<Message[]> {
    return readPage(this.connection, this.roomId, last + 1, last + 1 - first);
  }

  /** Loads missing messages that replies and pins refer to. Resolves with whether any were found. */
  async loadReferences(): Promise<boolean> {
    const { timeline } = this;
    const { shown } = timeline;
    const ids = [...shown.messages.map((message) => message.reply_to_id), ...this.pins.map((pin) => pin.message_id)];
    const missing = [...new Set(ids)].filter((id) =>
      id !== null && !shown.find(id) && !this.#asked.has(id)
    ) as number[];
    if (missing.length === 0) return false;
    for (const id of missing) this.#asked.add(id);
    try {
      return await timeline.loadReferences(() => readMessages(this.connection, missing)) > 0;
    } catch {
      for (const id of missing) this.#asked.delete(id); // retried with the next change
      return false;
    }
  }

  /** Applies consecutive changes, and the read marks of a page of `sync`. */
  apply(changes: readonly Change[], me: string, page?: SyncPage): void {
    for (const change of changes) {
      this.room = changeRoom(this.room!, change, me);
      this.members = changeMembers(this.members, change, this.room.last_seq);
      this.pins = changePins(this.pins, change);
    }
    for (const change of changes) {
      if (change.event === "member.updated" && change.username) this.timeline.rename(change.user_id, change.username);
    }
    this.system.apply(changes);
    this.timeline.apply(changes.flatMap((change) => messageOf(change) ?? []));
    for (const change of changes) {
      if (change.event !== "message.reactions") continue;
      this.timeline.react({ ...change, me, own: page?.own_reactions?.[change.message_id] });
    }
    for (const each of page?.read_marks ?? []) this.moveMark(each, me);
    if (!page) {
      // An edit or a deletion does not say whether the message mentioned the caller before.
      const mention_count = this.unreadAfter(me)?.mention_count ?? this.room!.mention_count;
      if (mention_count !== this.room!.mention_count) this.room = { ...this.room!, mention_count };
      return;
    }
    const { topic, has_more, read_marks, unread_count, mention_count = 0 } = page;
    this.room = { ...this.room!, topic };
    if (has_more) return;
    // `sync` reports only the latest state of each message, so unread messages can only be counted if all are loaded.
    const isOfThisMark = read_marks.some((mark) =>
      mark.user_id === me && mark.last_read_seq === this.room!.last_read_seq
    );
    Object.assign(this.room, this.unreadAfter(me) ?? (isOfThisMark && { unread_count, mention_count }));
  }

  /** Applies an event that does not count as a change. */
  receiveUncounted(event: UncountedEvent, me: string): void {
    if (event.event === "member.read") this.moveMark(event, me);
  }

  /** Moves a member's read mark forward. */
  moveMark(of: Parameters<typeof withMark>[1], me: string): void {
    this.members = withMark(this.members, of);
    if (of.user_id === me) {
      this.room = withReadMark(this.room!, of.last_read_seq, this.unreadAfter(me, of.last_read_seq));
    }
  }

  /** Counts the caller's unread messages after a mark; undefined unless all of them are loaded. */
  unreadAfter(me: string, seq = this.room!.last_read_seq): Counts | undefined {
    const { messages, firstSeq, lastSeq } = this.timeline.newest;
    if (seq < firstSeq - 1 || lastSeq < this.room!.last_seq) return undefined;
    const unread = messages.filter((message) => message.seq > seq && message.sender_id !== me && !message.deleted_at);
    return { unread_count: unread.length, mention_count: unread.filter((message) => isMentioning(message, me)).length };
  }
}

/** Returns the fields of the snapshot that come from the state of the room. */
export function view(state: RoomState, room: InboxRoom, me: string): Partial<RoomSnapshot> {
  const { timeline, members, pins, hasNewer } = state;
  return {
    room,
    systemMessages: state.system.between(state.range),
    references: timeline.references,
    hasOlder: timeline.shown.firstSeq > 1,
    hasNewer,
    members,
    pins,
    unread: room.unread_count,
    seenSeq: seenSeq(members, room, me),
  };
}

/** Everyone else has read up to this seq; 0 in rooms too large for read marks. */
function seenSeq(members: readonly Member[], room: InboxRoom, me: string): number {
  const others = members.filter(({ user_id }) => user_id !== me);
  if (others.length === 0 || room.member_count > LARGE_ROOM) return 0;
  return Math.min(...others.map(({ last_read_seq }) => last_read_seq));
}
