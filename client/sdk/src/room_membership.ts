import type { Role } from "./data/changes.ts";
import type { InboxRoom } from "./data/inbox_room.ts";
import type { Member } from "./data/room_changes.ts";
import { RoomDirectory } from "./room_directory.ts";
import { readMembers } from "./data/room_queries.ts";

/** Who is in a room, and as what: a part of `chat.rooms`. */
export class RoomMembership extends RoomDirectory {
  /**
   * Who is in a room, up to 1,000; an open room has them in its snapshot.
   * @throws ChatError
   *
   * @example
   * ```ts
   * const members = await chat.rooms.members(roomId);
   * ```
   */
  members(roomId: number): Promise<Member[]> {
    return readMembers(this.connection, roomId);
  }

  /**
   * Joins a public group; for a member, nothing changes.
   * @throws ChatError room_not_found
   *
   * @example
   * ```ts
   * const room = await chat.rooms.join(group.id);
   * ```
   */
  async join(roomId: number): Promise<InboxRoom> {
    await this.connection.run("join_room", { room_id: roomId });
    return await this.entered(roomId);
  }

  /**
   * Leaves a group. An owner is followed by the longest-standing admin or member.
   * @throws ChatError room_not_found, not_a_member, direct_room_fixed
   *
   * @example
   * ```ts
   * await chat.rooms.leave(roomId);
   * ```
   */
  async leave(roomId: number): Promise<void> {
    await this.connection.run("leave_room", { room_id: roomId });
    this.inbox.reread(roomId);
  }

  /**
   * Adds people to a group, as its owner or an admin.
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.addMembers(roomId, [friendId]);
   * ```
   */
  async addMembers(roomId: number, userIds: string[]): Promise<void> {
    await this.connection.run("add_members", { room_id: roomId, user_ids: userIds });
  }

  /**
   * Removes someone from a group: the owner anyone, an admin members.
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found
   *
   * @example
   * ```ts
   * await chat.rooms.removeMember(roomId, friendId);
   * ```
   */
  async removeMember(roomId: number, userId: string): Promise<void> {
    await this.connection.run("remove_member", { room_id: roomId, user_id: userId });
  }

  /**
   * Sets a role, as the owner; a new owner takes the place of the caller, who becomes an admin.
   * @throws ChatError room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found, owner_required
   *
   * @example
   * ```ts
   * await chat.rooms.setRole(roomId, friendId, "admin");
   * ```
   */
  async setRole(roomId: number, userId: string, role: Role): Promise<void> {
    const args = { room_id: roomId, user_id: userId, role };
    await this.connection.run("set_member_role", args);
  }
}
