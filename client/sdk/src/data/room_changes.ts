import type { Change, Mark, Pin, Role } from "./changes.ts";
import { type InboxRoom, withReadMark } from "./inbox_room.ts";
import type { Message } from "./messages.ts";

/** A member of a room: their role, and how far they have read. */
export interface Member {
  user_id: string;
  number: number;
  username: string;
  role: Role;
  joined_at: string;
  last_read_seq: number;
  last_delivered_seq: number;
}

/** Returns the room after the next change. */
export function changeRoom(room: InboxRoom, change: Change, me: string): InboxRoom {
  const next = { ...room, version: Math.max(room.version, change.version) };
  const { message } = change;
  if (message) {
    if (message.seq > room.last_seq) {
      Object.assign(next, { last_seq: message.seq, last_message: message, active_at: message.created_at });
    } else if (message.id === room.last_message?.id && message.version > room.last_message.version) {
      next.last_message = message;
    }
    next.unread_count += unreadBy(room, message, me);
    const own = change.read_marks?.find((mark) => mark.user_id === me);
    return own ? withReadMark(next, own.last_read_seq) : next;
  }
  const { event, user_id, role, member_count, name, description, is_public, slug = room.slug } = change;
  if (event === "room.updated") Object.assign(next, { name, description, is_public, slug, title: name || room.title });
  if (event === "member.joined") next.member_count = member_count ?? next.member_count + 1;
  if (event === "member.left") next.member_count = member_count!;
  if (event === "member.updated" && user_id === me) next.role = role!;
  return next;
}

/** How much a message changes the unread count: the caller's own never count, and a tombstone was counted before. */
function unreadBy(room: InboxRoom, { seq, sender_id, deleted_at }: Message, me: string): number {
  if (sender_id === me || seq <= room.last_read_seq) return 0;
  const isNew = seq > room.last_seq;
  if (isNew) return deleted_at ? 0 : 1;
  return deleted_at && room.unread_count > 0 ? -1 : 0;
}

/** Returns the members after the next change; `lastSeq` is the room's at that point. */
export function changeMembers(members: readonly Member[], change: Change, lastSeq: number): readonly Member[] {
  const { event, user_id, read_marks = [] } = change;
  if (change.message) return read_marks.reduce(withMark, members);
  if (event === "member.left") return members.filter((member) => member.user_id !== user_id);
  if (event !== "member.joined" && event !== "member.updated") return members;
  const held = members.find((member) => member.user_id === user_id);
  const member = {
    user_id: user_id!,
    number: change.user_number!,
    username: change.username!,
    role: change.role!,
    joined_at: change.joined_at!,
    // New members start with everything read.
    last_read_seq: held?.last_read_seq ?? lastSeq,
    last_delivered_seq: held?.last_delivered_seq ?? lastSeq,
  };
  return held ? members.map((each) => each === held ? member : each) : [...members, member];
}

/** Returns the members with a read mark moved forward. */
export function withMark(members: readonly Member[], { user_id, ...seqs }: Mark): readonly Member[] {
  const held = members.find((member) => member.user_id === user_id);
  if (!held) return members;
  const last_read_seq = Math.max(held.last_read_seq, seqs.last_read_seq);
  const last_delivered_seq = Math.max(held.last_delivered_seq, seqs.last_delivered_seq, last_read_seq);
  if (last_read_seq === held.last_read_seq && last_delivered_seq === held.last_delivered_seq) return members;
  return members.map((each) => each === held ? { ...each, last_read_seq, last_delivered_seq } : each);
}

/** Returns the pins after the next change, oldest first. */
export function changePins(pins: readonly Pin[], { event, pin, message_id }: Change): readonly Pin[] {
  if (event === "message.pinned") return [...pins.filter((held) => held.message_id !== pin!.message_id), pin!];
  if (event === "message.unpinned") return pins.filter((pin) => pin.message_id !== message_id);
  return pins;
}
