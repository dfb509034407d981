import type { Connection } from "./connection/connection.ts";
import type { Database, Tables } from "./contract/database.ts";
import type { Role, WhoMay } from "./contract/events.ts";
import { type Counts, type InboxRoom, type ListOptions, listRooms, noRoom, requireRoom } from "./data/inbox_room.ts";
import type { Message } from "./data/messages.ts";
import type { Member } from "./data/room_changes.ts";
import { readMembers, searchMessages, type SearchOptions } from "./data/room_queries.ts";
import { replacePicture } from "./files/shown_picture.ts";
import type { Inbox } from "./inbox/inbox.ts";
import type { InboxSnapshot } from "./inbox/inbox_snapshot.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { LiveRoom } from "./room/live_room.ts";
import type { OpenOptions } from "./room/room_engine.ts";
import { uuid } from "./util/ids.ts";
import type { Readable } from "./util/store.ts";

/** A group as those who are not in it read it: without what happened there. */
export type PublicRoom = Omit<Tables<"rooms">, Database["chat"]["Tables"]["rooms"]["ComputedFields"]>;

export interface NewGroup {
  name: string;
  /** The first members besides the caller, up to 1,000. */
  memberIds?: string[];
  /** Whether anyone can join. */
  isPublic?: boolean;
  description?: string;
  /** A unique name for URLs. */
  slug?: string;
  /** A UUID of your own: repeated calls with the same one create the group once. */
  clientId?: string;
}

/** What the owner and the admins of a group can change. */
export interface RoomSettings {
  name?: string;
  description?: string;
  /** Whether anyone can join. */
  isPublic?: boolean;
  /** How long a member waits between two messages; 0 is not at all. */
  slowModeSeconds?: number;
  /** Who writes, and edits what they have written. */
  posting?: WhoMay;
  /** Who adds people. */
  inviting?: WhoMay;
  /** Who pins and unpins messages. */
  pinning?: WhoMay;
  /** Whether everyone joins at once while the group is public, or asks: `chat.joinRequests`. */
  joining?: Tables<"rooms">["joining"];
  /** Whether only admins write, edit, react and pin. */
  locked?: boolean;
  /** Why it is locked, in up to 500 characters. */
  lockedReason?: string;
}

/** One of the caller's rooms, found by its name. */
export interface FoundRoom
  extends Pick<InboxRoom, "id" | "kind" | "description" | "member_count" | "avatar_url" | "other_member"> {
  /** The name of a group, or the other member's username in a direct room. */
  title: string;
}

/**
 * The caller's rooms: `chat.rooms`. A store of InboxSnapshot, live from the first `subscribe` on.
 *
 * @example
 * ```ts
 * chat.rooms.subscribe(() => {
 *   for (const room of chat.rooms.getSnapshot().rooms) console.log(room.title, room.unread_count);
 * });
 * ```
 */
export class Rooms implements Readable<InboxSnapshot> {
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;

  constructor(connection: Connection, outbox: Outbox, inbox: Inbox) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#inbox = inbox;
  }

  readonly subscribe = (listener: () => void) => this.#inbox.subscribe(listener);
  readonly getSnapshot = () => this.#inbox.getSnapshot();

  /**
   * Opens a room: it loads and stays up to date until `close()`. Each call opens a separate one.
   * @param roomId the room to open
   * @param options the page size, and which messages to show
   * @returns a store of RoomSnapshot
   *
   * @example
   * ```ts
   * const room = chat.rooms.open(roomId);
   * room.subscribe(() => console.log(room.getSnapshot().messages));
   * ```
   */
  open(roomId: number, options?: OpenOptions): LiveRoom {
    const onRead = (seq: number, unread: Counts) => this.#inbox.markRead(roomId, seq, unread);
    const known = () => this.#inbox.getSnapshot().rooms.find(({ id }) => id === roomId);
    return new LiveRoom(this.#connection, this.#outbox, roomId, options, known, onRead);
  }

  /**
   * Adds the next 100 rooms to the live list, if there are more.
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (chat.rooms.getSnapshot().hasMore) await chat.rooms.loadMore();
   * ```
   */
  loadMore(): Promise<void> {
    return this.#inbox.more();
  }

  /**
   * Lists the caller's rooms, most recently active first.
   * @param options archived or not, where to continue, and how many
   * @throws ChatError
   *
   * @example
   * ```ts
   * const archive = await chat.rooms.list({ archived: true });
   * ```
   */
  list(options?: ListOptions): Promise<InboxRoom[]> {
    return listRooms(this.#connection, options);
  }

  /**
   * Returns one of the caller's rooms.
   * @param roomId the room
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * const { title, unread_count } = await chat.rooms.get(roomId);
   * ```
   */
  get(roomId: number): Promise<InboxRoom> {
    return requireRoom(this.#connection, roomId);
  }

  /**
   * Lists public groups that anyone can join, newest first.
   * @param before continues before the group with this id
   * @param limit maximum number of groups; default 100
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [group] = await chat.rooms.listPublic({ limit: 20 });
   * ```
   */
  async listPublic({ before, limit = 100 }: { before?: number; limit?: number } = {}): Promise<PublicRoom[]> {
    const call = this.#connection.db.from("rooms").select().eq("is_public", true).order("id", { ascending: false });
    return await this.#connection.call((before === undefined ? call : call.lt("id", before)).limit(limit));
  }

  /**
   * Returns a public group, for users who are not members yet.
   * @param roomId the group
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * const { name, member_count } = await chat.rooms.getPublic(roomId);
   * ```
   */
  async getPublic(roomId: number): Promise<PublicRoom> {
    const call = this.#connection.db.from("rooms").select().eq("is_public", true).eq("id", roomId);
    const [room] = await this.#connection.call(call);
    if (!room) throw noRoom();
    return room;
  }

  /**
   * Finds the caller's rooms whose name, or whose other member's name, contains a text: among all of them, not only
   * those that the inbox has loaded. Most recently active first.
   * @param query the text to look for
   * @param limit 1 to 100; default 20
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * for (const { id, title } of await chat.rooms.find("tea")) console.log(id, title);
   * ```
   */
  async find(query: string, limit = 20): Promise<FoundRoom[]> {
    return await this.#connection.run("find_rooms", { query, max_rows: limit }) as FoundRoom[];
  }

  /**
   * Lists the groups that the caller and another user are in, by name; at most 100.
   * @param userId the other user
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { id, name } of await chat.rooms.shared(friendId)) console.log(id, name);
   * ```
   */
  async shared(userId: string): Promise<Pick<Tables<"rooms">, "id" | "name" | "member_count" | "avatar_url">[]> {
    // The caller sees the memberships of their own rooms only.
    const call = this.#connection.db.from("rooms").select("id,name,member_count,avatar_url,room_members!inner()")
      .eq("room_members.user_id", userId).eq("kind", "group").order("name").limit(100);
    return await this.#connection.call(call);
  }

  /**
   * Searches all of the caller's rooms for messages that contain the words in any form, or the text literally; newest
   * first.
   * @param query the words to look for
   * @param options where to continue, and how many messages to return
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * for (const { room_id, content } of await chat.rooms.search("tea")) console.log(room_id, content);
   * ```
   */
  search(query: string, options: SearchOptions = {}): Promise<Message[]> {
    return searchMessages(this.#connection, query, options);
  }

  /**
   * Returns the direct room of the caller and another user, and creates it if there is none.
   * @param userId the other user
   * @throws ChatError invalid_members, user_not_found
   *
   * @example
   * ```ts
   * const { id } = await chat.rooms.createDirect(friendId);
   * ```
   */
  async createDirect(userId: string): Promise<InboxRoom> {
    const { id } = await this.#connection.run("create_direct_room", { user_id: userId });
    return await this.#entered(id);
  }

  /**
   * Creates a group that the caller owns. Repeated calls with the same `clientId` create it once.
   * @param group its name, first members and settings
   * @returns the new group, or the one that was created before
   * @throws ChatError invalid_members, user_not_found, invalid_value, already_exists (the slug), client_id_reused
   *
   * @example
   * ```ts
   * const { id } = await chat.rooms.createGroup({ name: "Tea", memberIds: [friendId] });
   * ```
   */
  async createGroup(group: NewGroup): Promise<InboxRoom> {
    const { name, memberIds = [], isPublic = false, description = "", slug, clientId = uuid() } = group;
    const args = {
      name,
      member_ids: memberIds,
      is_public: isPublic,
      description,
      client_id: clientId,
      ...(slug && { slug }),
    };
    const { id } = await this.#connection.run("create_group_room", args);
    return await this.#entered(id);
  }

  /**
   * Lists the members of a room, up to 1,000. An open room has them in its snapshot.
   * @param roomId the room
   * @throws ChatError
   *
   * @example
   * ```ts
   * const members = await chat.rooms.members(roomId);
   * ```
   */
  members(roomId: number): Promise<Member[]> {
    return readMembers(this.#connection, roomId);
  }

  /**
   * Joins a public group. Does nothing if the caller is a member.
   * @param roomId the group
   * @returns the room
   * @throws ChatError room_not_found, request_required, banned
   *
   * @example
   * ```ts
   * const room = await chat.rooms.join(group.id);
   * ```
   */
  async join(roomId: number): Promise<InboxRoom> {
    await this.#connection.run("join_room", { room_id: roomId });
    return await this.#entered(roomId);
  }

  /**
   * Leaves a group. If the caller owns it, the longest-standing admin or member becomes the owner.
   * @param roomId the group
   * @throws ChatError room_not_found, not_a_member, direct_room_fixed
   *
   * @example
   * ```ts
   * await chat.rooms.leave(roomId);
   * ```
   */
  async leave(roomId: number): Promise<void> {
    await this.#connection.run("leave_room", { room_id: roomId });
    this.#inbox.reread(roomId);
  }

  /**
   * Adds members to a group, as its owner or an admin.
   * @param roomId the group
   * @param userIds the new members, up to 1,000
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.addMembers(roomId, [friendId]);
   * ```
   */
  async addMembers(roomId: number, userIds: string[]): Promise<void> {
    await this.#connection.run("add_members", { room_id: roomId, user_ids: userIds });
  }

  /**
   * Removes a member from a group: the owner can remove anyone, an admin can remove members.
   * @param roomId the group
   * @param userId the member to remove
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.removeMember(roomId, friendId);
   * ```
   */
  async removeMember(roomId: number, userId: string): Promise<void> {
    await this.#connection.run("remove_member", { room_id: roomId, user_id: userId });
  }

  /**
   * Sets a member's role, as the owner. Making someone else the owner makes the caller an admin, and must be confirmed.
   * @param roomId the group
   * @param userId the member
   * @param role the new role
   * @param options `confirmed`: the caller has been asked whether to make the member the owner
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found, owner_required,
   * confirmation_required
   *
   * @example
   * ```ts
   * await chat.rooms.setRole(roomId, friendId, "admin");
   * await chat.rooms.setRole(roomId, friendId, "owner", { confirmed: true });
   * ```
   */
  async setRole(roomId: number, userId: string, role: Role, { confirmed = false } = {}): Promise<void> {
    const args = { room_id: roomId, user_id: userId, role, ...(confirmed && { confirmed }) };
    await this.#connection.run("set_member_role", args);
  }

  /**
   * Updates the given fields of a group, as its owner or an admin.
   * @param roomId the group
   * @param change the fields to change; an empty `lockedReason` removes the reason
   * @throws ChatError room_not_found, not_a_member, role_required, invalid_value
   *
   * @example
   * ```ts
   * await chat.rooms.update(roomId, { name: "Tea at five" });
   * await chat.rooms.update(roomId, { locked: true, lockedReason: "Until Monday." });
   * ```
   */
  async update(roomId: number, change: RoomSettings): Promise<void> {
    const { isPublic, slowModeSeconds, lockedReason, ...same } = change;
    const args = {
      room_id: roomId,
      ...same,
      ...(isPublic !== undefined && { is_public: isPublic }),
      ...(slowModeSeconds !== undefined && { slow_mode_seconds: slowModeSeconds }),
      ...(lockedReason !== undefined && { locked_reason: lockedReason }),
    };
    await this.#connection.run("update_room", args);
  }

  /**
   * Shows another picture of a group, as its owner or an admin: JPEG, PNG, WebP or GIF of up to 2 MB, which everyone can see.
   * The earlier one is deleted. Crop it to a square: that is how it is shown.
   * @param roomId the group
   * @param picture the picture, or `null` for none
   * @throws ChatError room_not_found, invalid_value (no such picture, or too large), not_allowed (a picture by a member who is
   * not an admin), role_required (none by such a member)
   *
   * @example
   * ```ts
   * await chat.rooms.setPicture(roomId, picture);
   * ```
   */
  async setPicture(roomId: number, picture: Blob | null): Promise<void> {
    const { avatar_url: earlier } = await this.get(roomId);
    const show = (url: string | null) =>
      this.#connection.run("update_room", { room_id: roomId, avatar_url: url ?? "" });
    await replacePicture(this.#connection, { folder: String(roomId), earlier }, picture, show);
  }

  /**
   * Deletes a room for everyone: a group as its owner, or a direct room as one of its two members.
   * @param roomId the room
   * @throws ChatError room_not_found, not_a_member, role_required
   *
   * @example
   * ```ts
   * await chat.rooms.delete(roomId);
   * ```
   */
  async delete(roomId: number): Promise<void> {
    await this.#connection.run("delete_room", { room_id: roomId });
    this.#inbox.reread(roomId);
  }

  /**
   * Archives a room for the caller, or unarchives it with `false`.
   * @param roomId the room
   * @param isArchived `false` unarchives it
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.archive(roomId);
   * await chat.rooms.archive(roomId, false);
   * ```
   */
  async archive(roomId: number, isArchived = true): Promise<void> {
    await this.#set(roomId, { archived_at: isArchived ? new Date().toISOString() : null });
  }

  /**
   * Mutes a room for the caller; muted rooms do not count in `unread`.
   * @param roomId the room
   * @param until when the mute ends; `null` unmutes
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
   * Marks a room as read for the caller, without opening it.
   * @param roomId the room
   * @throws ChatError room_not_found, not_a_member
   *
   * @example
   * ```ts
   * await chat.rooms.markRead(roomId);
   * ```
   */
  async markRead(roomId: number): Promise<void> {
    const member = await this.#connection.run("mark_read", { room_id: roomId });
    this.#inbox.markRead(roomId, member.last_read_seq);
  }

  /** Returns a room that the caller has just entered, and adds it to the inbox. */
  async #entered(roomId: number): Promise<InboxRoom> {
    this.#inbox.reread(roomId);
    return await this.get(roomId);
  }

  async #set(roomId: number, fields: { archived_at?: string | null; muted_until?: string | null }): Promise<void> {
    const user = await this.#connection.userId();
    const call = this.#connection.db.from("room_members").update(fields).eq("room_id", roomId).eq("user_id", user);
    if ((await this.#connection.call(call.select("room_id"))).length === 0) throw noRoom();
    this.#inbox.patch(roomId, fields);
  }
}
