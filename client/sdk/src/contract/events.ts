// Every event that Parley sends: its name, its topic, what it says and whether it counts. `docs/events.md` is printed
// from this file, and a test compares it with the names in sql/. The Edge Functions import it too: it imports types only.
import type { Enums, Tables } from "./database.ts";
import type { Message } from "./message.ts";

export type Pin = Tables<"pins">;
export type Role = Enums<"member_role">;
/** Whom a switch of a room permits something. */
export type WhoMay = Enums<"who_may">;

/** How far a member has read. */
export interface Mark {
  user_id: string;
  last_read_seq: number;
  last_delivered_seq: number;
}

/** In rooms of more members than this, `member.read` and `user.status` are not sent. */
export const LARGE_ROOM = 50;

/** What every event of a room says. */
interface OfRoom {
  room_id: number;
  /** The version of the room: after a counted event, a version of its own. */
  version: number;
}

/** What the events about a message say. */
interface OfMessage extends OfRoom {
  /** As it is now. */
  message: Message;
  /** How far the sender of a new message has read. Not in `sync`. */
  read_marks?: Mark[];
}

/** A member sent a message. */
export interface MessageCreated extends OfMessage {
  event: "message.created";
}

/** The sender edited a message. */
export interface MessageUpdated extends OfMessage {
  event: "message.updated";
}

/** A message was deleted: what is left of it has no text. */
export interface MessageDeleted extends OfMessage {
  event: "message.deleted";
}

/** What the messages of a room show of a change. Names are those of now, and null when the account is deleted. */
export interface SystemMessagePayload {
  kind: Enums<"system_kind">;
  /** The seq of the last message before it. */
  after_seq: number;
  created_at: string;
  /** Who did it; `null` for a backend, and for somebody who is not in the room. */
  actor_id: string | null;
  actor_username: string | null;
  /** The member whom it is about. */
  user_id: string | null;
  username: string | null;
  /** The message that was pinned. */
  message_id: number | null;
  /** What a backend says, or the new name of the room. */
  content: string | null;
}

/** A change that the messages of a group show. */
interface Shown {
  /** Missing where they do not show it: in direct chats and in large groups. */
  system_message?: SystemMessagePayload;
}

/** A backend says something, in the name of nobody. */
export interface SystemMessageCreated extends OfRoom {
  event: "system_message.created";
  client_id: string;
  content: string;
  system_message: SystemMessagePayload;
}

/** A member pinned a message. */
export interface MessagePinned extends OfRoom, Shown {
  event: "message.pinned";
  pin: Pin;
}

/** A pin was removed, or its message was deleted. */
export interface MessageUnpinned extends OfRoom {
  event: "message.unpinned";
  /** The id of the pin. */
  id: number;
  message_id: number;
}

/** A member has put an emoji on a message, or has taken one away: a change of its reactions, not of the message. */
export interface MessageReactions extends OfRoom {
  event: "message.reactions";
  message_id: number;
  seq: number;
  /** How many people have reacted with each emoji, as it is now. */
  counts: Record<string, number>;
  /** Who has reacted, with what, and whether it was added or removed. Not in `sync`, which has a message once. */
  user_id?: string;
  emoji?: string;
  added?: boolean;
}

/** A member as the events about members describe them. */
interface OfMember extends OfRoom {
  user_id: string;
  /** `null`, as the username, when the account is deleted. */
  user_number: number | null;
  username: string | null;
  role: Role;
  joined_at: string;
}

/** A person joined the room, or was added. */
export interface MemberJoined extends OfMember, Shown {
  event: "member.joined";
  member_count: number;
}

/** A member left, or was removed. */
export interface MemberLeft extends OfRoom, Shown {
  event: "member.left";
  user_id: string;
  member_count: number;
}

/** A member has another role or username. */
export interface MemberUpdated extends OfMember {
  event: "member.updated";
}

/** The name, description, visibility, picture, slug or a switch of the room changed. */
export interface RoomUpdated extends OfRoom, Shown {
  event: "room.updated";
  name: string;
  description: string;
  is_public: boolean;
  /** The URL of the picture. Missing in changes from before rooms had one. */
  avatar_url?: string | null;
  /** How long a member waits between two messages; 0 is not at all. */
  slow_mode_seconds?: number;
  /** Who writes, who adds people, and who pins. */
  posting?: WhoMay;
  inviting?: WhoMay;
  pinning?: WhoMay;
  /** Since when only admins write, edit, react and pin; null if the room is not locked. */
  locked_at?: string | null;
  locked_reason?: string | null;
  /** Whether everyone joins at once while it is public, or asks. */
  joining?: Enums<"way_to_join">;
  /** Only when it changed: in a direct room, when one of the two has another username. */
  slug?: string;
}

/** A member read, or received, messages. Not sent in large rooms. */
export interface MemberRead extends OfRoom {
  event: "member.read";
  user_id: string;
  user_number: number;
  moved: "read" | "delivered";
  last_read_seq: number;
  last_delivered_seq: number;
  last_read_message_id: number | null;
}

/** A member came online or went offline. Not sent in large rooms. */
export interface UserStatus extends OfRoom {
  event: "user.status";
  user_id: string;
  user_number: number;
  username: string;
  is_online: boolean;
  last_seen_at: string;
}

/** The events of the room continue on another topic, so that a former member receives no more. */
export interface RoomMoved extends OfRoom {
  event: "room.moved";
  topic: string;
}

/** The room was deleted. */
export interface RoomDeleted extends OfRoom {
  event: "room.deleted";
}

/** The events of a room, on the topic of its row: `room:<id>:<epoch>`. */
export type RoomEvent =
  | MessageCreated
  | MessageUpdated
  | MessageDeleted
  | MessagePinned
  | MessageUnpinned
  | MessageReactions
  | SystemMessageCreated
  | MemberJoined
  | MemberLeft
  | MemberUpdated
  | RoomUpdated
  | MemberRead
  | UserStatus
  | RoomMoved
  | RoomDeleted;

/** A member is typing, or has stopped. Clients send it to each other: receivers check it against the list of members. */
export interface Typing {
  event: "typing";
  user_id: string;
  /** The integer id of the REST APIs; left out, as the username, in rooms that are too large for listing everyone. */
  number?: number;
  username?: string;
  is_typing: boolean;
}

/** What members send to each other, on the topic of the room with `:live` after it. */
export type LiveEvent = Typing;

/** The user is a member of this room now. */
export interface RoomAdded {
  event: "room.added";
  room_id: number;
}

/** The user is no longer a member of this room, or it was deleted. */
export interface RoomRemoved {
  event: "room.removed";
  room_id: number;
}

/** A dormant room has changed: one of at most 50 members in which nothing was sent for ten minutes. Clients read it again. */
export interface RoomChanged {
  event: "room.changed";
  room_id: number;
}

/** The user read messages on a device, in a dormant or large room; a user who shares no read receipts, in any room. */
export interface RoomRead {
  event: "room.read";
  room_id: number;
  last_read_seq: number;
}

/** An edit of a message mentions the user, which the message did not do before. A new message comes as `message.created`. */
export interface MentionAdded {
  event: "mention.added";
  room_id: number;
  message_id: number;
  seq: number;
}

/** A person added the user as a friend. */
export interface FriendAdded {
  event: "friend.added";
  user_id: string;
  username: string;
}

/** The user has blocked a person, on this or another device. The other person learns nothing. */
export interface BlockAdded {
  event: "block.added";
  user_id: string;
}

/** The user has unblocked a person, or their account was deleted. */
export interface BlockRemoved {
  event: "block.removed";
  user_id: string;
}

/** Moderation tells the user what it has done, until when and why. */
export interface NoticeAdded {
  event: "notice.added";
  id: number;
  kind: Enums<"notice_kind">;
  reason: string;
  /** When it ends; `null` if it does not end by itself. */
  until: string | null;
  room_id: number | null;
  /** The name of the room, which a person who is banned from it cannot read. */
  room_name: string;
  message_id: number | null;
  created_at: string;
}

/** The user is invited to a group: their setting `added_by` does not let this person add them at once. */
export interface InvitationAdded {
  event: "invitation.added";
  id: number;
  room_id: number;
  room_name: string;
  /** `null`, as the username, when the account is deleted, or a backend invites. */
  invited_by: string | null;
  invited_by_username: string | null;
  created_at: string;
}

/** The user has accepted, declined or ignored an invitation on any device, or it was withdrawn. */
export interface InvitationRemoved {
  event: "invitation.removed";
  room_id: number;
}

/** A person asks to join a public group: for that person, and for its owner and admins, of whom 50 receive it. */
export interface JoinRequestAdded {
  event: "join_request.added";
  id: number;
  room_id: number;
  user_id: string;
  username: string;
  /** What the person has written to the admins. */
  note: string;
  created_at: string;
}

/** A request to join was accepted, declined or taken back: for the same people, who do not learn which. */
export interface JoinRequestRemoved {
  event: "join_request.removed";
  room_id: number;
  user_id: string;
}

/** The events of one user, on `user:<id>`. */
export type UserEvent =
  | RoomAdded
  | RoomRemoved
  | RoomChanged
  | RoomRead
  | MentionAdded
  | FriendAdded
  | BlockAdded
  | BlockRemoved
  | InvitationAdded
  | InvitationRemoved
  | JoinRequestAdded
  | JoinRequestRemoved
  | NoticeAdded;

/** A question or a reply was added to the conversation. */
export interface ConversationMessageCreated {
  event: "message.created";
  conversation_id: string;
  message: Tables<"conversation_messages">;
}

/** A reply has grown. */
export interface ReplyDelta {
  event: "reply.delta";
  conversation_id: string;
  /** The id of the question. */
  reply_to_id: number;
  reply_id: number;
  /** 0, 1, 2 … */
  index: number;
  /** How many characters were written before. */
  position: number;
  delta: string;
}

/** A reply has ended. */
export interface ReplyDone {
  event: "reply.done";
  conversation_id: string;
  /** The id of the question. */
  reply_to_id: number;
  /** The message that keeps the reply; `null` when nothing was written. */
  message_id: number | null;
  /** Why it is not complete. */
  error?: "cancelled" | "responder_failed";
}

/** The events of a conversation with an assistant, on `conversation:<id>`. */
export type ConversationEvent = ConversationMessageCreated | ReplyDelta | ReplyDone;

/** The events of each kind of topic. */
export interface Events {
  room: RoomEvent;
  live: LiveEvent;
  user: UserEvent;
  conversation: ConversationEvent;
}

/**
 * Every event by the kind of its topic. One that is counted is a change of its room: it takes the next version of the
 * room, and `sync` returns it.
 */
export const EVENTS = {
  room: {
    "message.created": { counted: true },
    "message.updated": { counted: true },
    "message.deleted": { counted: true },
    "message.pinned": { counted: true },
    "message.unpinned": { counted: true },
    "message.reactions": { counted: true },
    "system_message.created": { counted: true },
    "member.joined": { counted: true },
    "member.left": { counted: true },
    "member.updated": { counted: true },
    "room.updated": { counted: true },
    "member.read": { counted: false },
    "user.status": { counted: false },
    "room.moved": { counted: false },
    "room.deleted": { counted: false },
  },
  live: {
    typing: { counted: false },
  },
  user: {
    "room.added": { counted: false },
    "room.removed": { counted: false },
    "room.changed": { counted: false },
    "room.read": { counted: false },
    "mention.added": { counted: false },
    "friend.added": { counted: false },
    "block.added": { counted: false },
    "block.removed": { counted: false },
    "invitation.added": { counted: false },
    "invitation.removed": { counted: false },
    "join_request.added": { counted: false },
    "join_request.removed": { counted: false },
    "notice.added": { counted: false },
  },
  conversation: {
    "message.created": { counted: false },
    "reply.delta": { counted: false },
    "reply.done": { counted: false },
  },
} as const satisfies { [T in keyof Events]: Record<Events[T]["event"], { counted: boolean }> };

type Counted<Table> = { [Name in keyof Table]: Table[Name] extends { counted: true } ? Name : never }[keyof Table];

/** A counted event, and a change in the answer of `sync`: the same object. */
export type Change = Extract<RoomEvent, { event: Counted<typeof EVENTS.room> }>;

/** The other events of a room: they carry its version, but do not count as a change. */
export type UncountedEvent = Exclude<RoomEvent, Change>;

/** A page of `sync`. */
export interface SyncPage {
  room_id: number;
  topic: string;
  version: number;
  last_seq: number;
  has_more: boolean;
  changes: Change[];
  read_marks: Mark[];
  /** What the caller has not read of the room as it is now, not as of this page. */
  unread_count: number;
  /** How many of the messages that the caller has not read mention the caller. */
  mention_count: number;
  /** The caller's own reactions to each message whose reactions changed, as they are now. */
  own_reactions: Record<number, string[]>;
}

/** Whether an event is a change of its room. */
export const isCounted = (event: RoomEvent): event is Change => EVENTS.room[event.event].counted;

/**
 * Returns an event that arrived on a topic.
 * @param topic the kind of the topic
 * @param name the name of the event
 * @returns undefined if the catalogue lacks the name, as that of a newer server: if it counts, `sync` returns it
 */
export function parseEvent<T extends keyof Events>(topic: T, name: string, payload: object): Events[T] | undefined {
  return Object.hasOwn(EVENTS[topic], name) ? { ...payload, event: name } as Events[T] : undefined;
}
