import type { Change, Mark, MemberJoined, MemberUpdated, Pin, Role } from "../contract/events.ts";
import { type InboxRoom, withReadMark } from "./inbox_room.ts";
import { isMentioning, type Message, messageOf } from "./messages.ts";

/** What `room.updated` says of a room. */
const SETTINGS = [
  "name",
  "description",
  "is_public",
  "slug",
  "avatar_url",
  "slow_mode_seconds",
  "posting",
  "inviting",
  "pinning",
  "joining",
  "locked_at",
  "locked_reason",
] as const;

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
  if (change.event === "room.updated") {
    // An older database says nothing of some of them.
    const given = SETTINGS.filter((name) => change[name] !== undefined).map((name) => [name, change[name]]);
    return { ...next, ...Object.fromEntries(given), title: change.name || room.title };
  }
  if (change.event === "member.joined" || change.event === "member.left") next.member_count = change.member_count;
  if (change.event === "member.updated" && change.user_id === me) next.role = change.role;
  const message = messageOf(change);
  if (!message) return next;
  if (message.seq > room.last_seq) {
    Object.assign(next, { last_seq: message.seq, last_message: message, active_at: message.created_at });
  } else if (message.id === room.last_message?.id && message.version > room.last_message.version) {
    next.last_message = message;
  }
  const more = unreadBy(room, message, me);
  next.unread_count += more;
  if (more > 0 && isMentioning(message, me)) next.mention_count++;
  const own = marksOf(change).find((mark) => mark.user_id === me);
  return own ? withReadMark(next, own.last_read_seq) : next;
}

/** How far the sender of a new message has read; the response to the send does not say it. */
export const marksOf = (change: Change): readonly Mark[] => "message" in change && change.read_marks || [];

/** How much a message changes the unread count: the caller's own never count, and a tombstone was counted before. */
function unreadBy(room: InboxRoom, { seq, sender_id, deleted_at }: Message, me: string): number {
  if (sender_id === me || seq <= room.last_read_seq) return 0;
  const isNew = seq > room.last_seq;
  if (isNew) return deleted_at ? 0 : 1;
  return deleted_at && room.unread_count > 0 ? -1 : 0;
}

/** Returns the members after the next change; `lastSeq` is the room's at that point. */
export function changeMembers(members: readonly Member[], change: Change, lastSeq: number): readonly Member[] {
  switch (change.event) {
    case "member.left":
      return members.filter((member) => member.user_id !== change.user_id);
    case "member.joined":
    case "member.updated":
      return withMember(members, change, lastSeq);
    default:
      return marksOf(change).reduce(withMark, members);
  }
}

/** Returns the members with one added or changed. */
function withMember(
  members: readonly Member[],
  { user_id, user_number, username, role, joined_at }: MemberJoined | MemberUpdated,
  lastSeq: number,
): readonly Member[] {
  // The account was deleted; a later change removes the member.
  if (user_number === null || username === null) return members;
  const held = members.find((member) => member.user_id === user_id);
  const member = {
    user_id,
    number: user_number,
    username,
    role,
    joined_at,
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
export function changePins(pins: readonly Pin[], change: Change): readonly Pin[] {
  const without = (messageId: number) => pins.filter((pin) => pin.message_id !== messageId);
  if (change.event === "message.pinned") return [...without(change.pin.message_id), change.pin];
  return change.event === "message.unpinned" ? without(change.message_id) : pins;
}
