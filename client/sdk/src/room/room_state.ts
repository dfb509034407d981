import { type Change, counted, type Pin, type SyncPage } from "../data/changes.ts";
import type { Connection } from "../connection/connection.ts";
import { type InboxRoom, requireRoom, withReadMark } from "../data/inbox_room.ts";
import { changeMembers, changePins, changeRoom, type Member, withMark } from "../data/room_changes.ts";
import { readMembers, readMessages, readPage, readPins } from "../data/room_queries.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";
import { Timeline } from "./timeline.ts";

/** What is known of a room, changed by its events in order of version. */
export class RoomState {
  readonly timeline = new Timeline();
  room: InboxRoom | undefined;
  members: readonly Member[] = [];
  pins: readonly Pin[] = [];
  /** Messages referred to that were asked for. */
  readonly #asked = new Set<number>();

  constructor(readonly connection: Connection, readonly roomId: number, readonly pageSize: number) {}

  /**
   * Reads the room from the beginning. Its version is read first, so that what changes meanwhile is told once more.
   * @throws ChatError room_not_found, and what passes
   */
  async load(): Promise<InboxRoom> {
    const { connection, roomId } = this;
    const room = await requireRoom(connection, roomId);
    const newest = () => readPage(connection, roomId, room.last_seq + 1, this.pageSize);
    const [members, pins] = await Promise.all([
      readMembers(connection, roomId),
      readPins(connection, roomId),
      this.timeline.loadPage(newest, { replace: true }),
    ]);
    this.#asked.clear(); // they may have changed since
    Object.assign(this, { room: withReadMark(room, this.room?.last_read_seq ?? 0), members, pins });
    return room;
  }

  /** Reads what people are called. */
  async rename(): Promise<void> {
    const [{ title, other_member }, members] = await Promise.all([
      requireRoom(this.connection, this.roomId),
      readMembers(this.connection, this.roomId),
    ]);
    this.members = members;
    this.room = { ...this.room!, title, other_member };
    for (const { user_id, username } of members) this.timeline.rename(user_id, username);
  }

  /** Reads an older page. */
  async loadOlder(limit = this.pageSize): Promise<void> {
    const { firstSeq } = this.timeline;
    if (firstSeq > 1) await this.timeline.loadPage(() => readPage(this.connection, this.roomId, firstSeq, limit));
  }

  /** Reads what replies and pins refer to and is not held; resolves with whether something came. */
  async loadReferences(): Promise<boolean> {
    const { timeline } = this;
    const ids = [...timeline.messages.map((message) => message.reply_to_id), ...this.pins.map((pin) => pin.message_id)];
    const held = new Set(timeline.messages.map(({ id }) => id));
    const missing = [...new Set(ids)].filter((id) => id !== null && !held.has(id) && !this.#asked.has(id)) as number[];
    if (missing.length === 0) return false;
    for (const id of missing) this.#asked.add(id);
    try {
      return await timeline.loadReferences(() => readMessages(this.connection, missing)) > 0;
    } catch {
      for (const id of missing) this.#asked.delete(id); // with the next change
      return false;
    }
  }

  /** Takes changes that follow the last, and the read marks of a page of `sync`. */
  apply(changes: readonly Change[], me: string, page?: SyncPage): void {
    for (const change of changes) {
      this.room = changeRoom(this.room!, change, me);
      this.members = changeMembers(this.members, change, this.room.last_seq);
      this.pins = changePins(this.pins, change);
    }
    for (const { event, user_id, username } of changes) {
      if (event === "member.updated" && username) this.timeline.rename(user_id!, username);
    }
    this.timeline.apply(changes.flatMap(({ message }) => message ?? []));
    for (const each of page?.read_marks ?? []) this.moveMark(each, me);
    if (!page) return;
    const { topic, has_more, read_marks, unread_count } = page;
    this.room = { ...this.room!, topic };
    if (has_more) return;
    // What came and went between two versions is told once: only who has all messages can count them.
    const isOfThisMark = read_marks.some((mark) =>
      mark.user_id === me && mark.last_read_seq === this.room!.last_read_seq
    );
    this.room.unread_count = this.unreadAfter(me) ?? (isOfThisMark ? unread_count : this.room.unread_count);
  }

  /** Takes an event that is not counted. */
  receiveUncounted(event: Change, me: string): void {
    if (counted(event) || event.event !== "member.read") return;
    const { user_id, last_read_seq, last_delivered_seq } = event;
    this.moveMark({ user_id: user_id!, last_read_seq: last_read_seq!, last_delivered_seq: last_delivered_seq! }, me);
  }

  /** Moves the read mark of somebody forward. */
  moveMark(of: Parameters<typeof withMark>[1], me: string): void {
    this.members = withMark(this.members, of);
    if (of.user_id === me) {
      this.room = withReadMark(this.room!, of.last_read_seq, this.unreadAfter(me, of.last_read_seq));
    }
  }

  /** How many messages after a mark of the caller are unread, if all of them are held. */
  unreadAfter(me: string, seq = this.room!.last_read_seq): number | undefined {
    const { messages, firstSeq, lastSeq } = this.timeline;
    if (seq < firstSeq - 1 || lastSeq < this.room!.last_seq) return undefined;
    return messages.filter((message) => message.seq > seq && message.sender_id !== me && !message.deleted_at).length;
  }
}

/** What a snapshot shows of the state of a room. */
export function view({ timeline, members, pins }: RoomState, room: InboxRoom, me: string): Partial<RoomSnapshot> {
  return {
    room,
    references: timeline.references,
    hasOlder: timeline.firstSeq > 1,
    members,
    pins,
    unread: room.unread_count,
    seenSeq: seenSeq(members, room, me),
  };
}

/** Everybody else has read up to here; 0 in rooms too large for telling. */
function seenSeq(members: readonly Member[], room: InboxRoom, me: string): number {
  const others = members.filter(({ user_id }) => user_id !== me);
  if (others.length === 0 || room.member_count > 50) return 0;
  return Math.min(...others.map(({ last_read_seq }) => last_read_seq));
}
