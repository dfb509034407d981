import type { Connection } from "./connection/connection.ts";
import { noRoom } from "./data/inbox_room.ts";
import type { InboxSnapshot } from "./inbox/inbox_snapshot.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { LiveRoom, type OpenOptions } from "./room/live_room.ts";
import { RoomMembership } from "./room_membership.ts";
import type { Readable } from "./util/store.ts";

/**
 * The rooms of the caller: `chat.rooms`. A store of InboxSnapshot, live from the first `subscribe` on.
 *
 * @example
 * ```ts
 * chat.rooms.subscribe(() => {
 *   for (const room of chat.rooms.getSnapshot().rooms) console.log(room.title, room.unread_count);
 * });
 * ```
 */
export class Rooms extends RoomMembership implements Readable<InboxSnapshot> {
  readonly #outbox: Outbox;

  constructor(connection: Connection, outbox: Outbox) {
    super(connection);
    this.#outbox = outbox;
  }

  readonly subscribe = (listener: () => void) => this.inbox.subscribe(listener);
  readonly getSnapshot = () => this.inbox.getSnapshot();

  /**
   * Opens a room: it loads and stays up to date until `close()`. Each call opens one of its own.
   *
   * @example
   * ```ts
   * const room = chat.rooms.open(roomId);
   * room.subscribe(() => console.log(room.getSnapshot().messages));
   * ```
   */
  open(roomId: number, options?: OpenOptions): LiveRoom {
    const onRead = (seq: number, unread: number) => this.inbox.markRead(roomId, seq, unread);
    return new LiveRoom(this.connection, this.#outbox, roomId, options, onRead);
  }

  /**
   * Shows the next 100 rooms of the live list, when there are more.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (chat.rooms.getSnapshot().hasMore) await chat.rooms.loadMore();
   * ```
   */
  loadMore(): Promise<void> {
    return this.inbox.more();
  }

  /**
   * Changes what is given of a group, as its owner or an admin.
   * @throws ChatError room_not_found, not_a_member, role_required, invalid_value
   *
   * @example
   * ```ts
   * await chat.rooms.update(roomId, { name: "Tea at five" });
   * ```
   */
  async update(roomId: number, change: { name?: string; description?: string; isPublic?: boolean }): Promise<void> {
    const { isPublic, ...texts } = change;
    const args = { room_id: roomId, ...texts, ...(isPublic !== undefined && { is_public: isPublic }) };
    await this.connection.run("update_room", args);
  }

  /**
   * Deletes a group as its owner, or a direct room as one of its two, for everyone.
   * @throws ChatError room_not_found, not_a_member, role_required
   *
   * @example
   * ```ts
   * await chat.rooms.delete(roomId);
   * ```
   */
  async delete(roomId: number): Promise<void> {
    await this.connection.run("delete_room", { room_id: roomId });
    this.inbox.reread(roomId);
  }

  /**
   * Archives a room for the caller, or takes it out again.
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.archive(roomId);
   * await chat.rooms.archive(roomId, false);
   * ```
   */
  async archive(roomId: number, archived = true): Promise<void> {
    await this.#set(roomId, { archived_at: archived ? new Date().toISOString() : null });
  }

  /**
   * Mutes a room for the caller until then; `null` ends it. A muted room does not count in `unread`.
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.mute(roomId, new Date(Date.now() + 3_600_000));
   * ```
   */
  async mute(roomId: number, until: Date | null): Promise<void> {
    await this.#set(roomId, { muted_until: until?.toISOString() ?? null });
  }

  /**
   * Marks a room as read by the caller, without opening it.
   * @throws ChatError room_not_found, not_a_member
   *
   * @example
   * ```ts
   * await chat.rooms.markRead(roomId);
   * ```
   */
  async markRead(roomId: number): Promise<void> {
    const member = await this.connection.run("mark_read", { room_id: roomId });
    this.inbox.markRead(roomId, member.last_read_seq);
  }

  async #set(roomId: number, fields: { archived_at?: string | null; muted_until?: string | null }): Promise<void> {
    const user = await this.connection.userId();
    const call = this.connection.db.from("room_members").update(fields).eq("room_id", roomId).eq("user_id", user);
    if ((await this.connection.call(call.select("room_id"))).length === 0) throw noRoom();
    this.inbox.patch(roomId, fields);
  }
}
