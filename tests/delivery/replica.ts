import { dataOf } from "../support/clients.ts";
import type { Connection } from "../support/connection.ts";

// deno-lint-ignore no-explicit-any
export type Row = Record<string, any>;

/** An event as it was received, or a change in the result of `sync`. */
export interface Announced extends Row {
  event: string;
}

/** Everything that a user can read of what is announced, by table and key. */
export interface Replica {
  rooms: Map<number, Row>;
  messages: Map<number, Row>;
  /** By room and user. */
  members: Map<string, Row>;
  pins: Map<number, Row>;
  /** The users who call them a friend. */
  friends: Map<string, Row>;
  /** Whom they have blocked. */
  blocks: Map<string, Row>;
  /** The invitations that they have not answered, by room. */
  invitations: Map<number, Row>;
  /** The requests to join that they can read, by room and user. */
  requests: Map<string, Row>;
  /** Their notices from moderation. */
  notices: Map<number, Row>;
  /** The messages of their conversations. */
  log: Map<number, Row>;
}

const columns = {
  rooms:
    "id, name, description, is_public, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason, joining, topic, last_seq, version, last_message_id, last_message_at, member_count",
  members: "room_id, user_id, role, joined_at, last_read_seq, last_delivered_seq",
  pins: "id, room_id, message_id, pinned_by, pinned_at",
  notices: "id, kind, reason, until, room_id, room_name, message_id, created_at",
};

/** Reads everything from the tables, as the user. */
export async function readAfresh({ supabase }: Connection, person: string): Promise<Replica> {
  const read = async (table: string, what: string, filter: Row = {}) =>
    await dataOf(supabase.from(table as "rooms").select(what as "*").match(filter)) as Row[];
  const [mine, rooms, messages, members, pins, friends, blocks, invitations, requests, notices, log] = await Promise
    .all([
      read("room_members", "room_id", { user_id: person }),
      read("rooms", columns.rooms),
      read("messages", "*"),
      read("room_members", columns.members),
      read("pins", columns.pins),
      read("friendships", "user_id", { friend_id: person }),
      read("blocks", "blocked_id"),
      read("invitations", "id, room_id, invited_by, created_at", { state: "pending" }),
      read("join_requests", "id, room_id, user_id, note, created_at"),
      read("notices", columns.notices),
      read("conversation_messages", "*"),
    ]);
  const ids = new Set(mine.map(({ room_id }) => room_id));
  const by = <K>(rows: Row[], key: (row: Row) => K) => new Map(rows.map((row) => [key(row), row]));
  return {
    // Public rooms of others cannot be followed.
    rooms: by(rooms.filter(({ id }) => ids.has(id)), ({ id }) => id),
    messages: by(messages, ({ id }) => id),
    members: by(members, memberKey),
    pins: by(pins, ({ message_id }) => message_id),
    friends: by(friends, ({ user_id }) => user_id),
    blocks: by(blocks, ({ blocked_id }) => blocked_id),
    invitations: by(invitations, ({ room_id }) => room_id),
    requests: by(requests, memberKey),
    notices: by(notices, ({ id }) => id),
    log: by(log, ({ id }) => id),
  };
}

const memberKey = ({ room_id, user_id }: Row) => `${room_id} ${user_id}`;

/** Takes over the rows of a room that the user has just joined. */
export function adopt(replica: Replica, fresh: Replica, room: number): void {
  forget(replica, room);
  for (const table of ofRooms) {
    const rows = replica[table] as Map<unknown, Row>;
    for (const [key, row] of fresh[table]) if (roomOf(row) === room) rows.set(key, row);
  }
}

/** Deletes the rows of a room that the user has left. */
export function forget(replica: Replica, room: number): void {
  for (const table of ofRooms) {
    const rows = replica[table] as Map<unknown, Row>;
    for (const [key, row] of rows) if (roomOf(row) === room) rows.delete(key);
  }
}

const ofRooms = ["rooms", "messages", "members", "pins"] as const;
const roomOf = (row: Row): number => row.room_id ?? row.id;

/** Applies an event to the known state. */
export function apply(replica: Replica, change: Announced): void {
  const { event, room_id, version, message } = change;
  // The message says whom it mentions.
  if (event === "mention.added") return;
  if (event === "friend.added") return void replica.friends.set(change.user_id, { user_id: change.user_id });
  if (event === "block.added") return void replica.blocks.set(change.user_id, { blocked_id: change.user_id });
  if (event === "block.removed") return void replica.blocks.delete(change.user_id);
  if (event === "invitation.added") {
    return void replica.invitations.set(room_id, pick(change, "id, room_id, invited_by, created_at"));
  }
  if (event === "invitation.removed") return void replica.invitations.delete(room_id);
  if (event === "join_request.added") {
    return void replica.requests.set(memberKey(change), pick(change, "id, room_id, user_id, note, created_at"));
  }
  if (event === "join_request.removed") return void replica.requests.delete(memberKey(change));
  if (event === "notice.added") {
    const { event: _, ...notice } = change;
    return void replica.notices.set(notice.id, notice);
  }
  // A reply that ends before its first word leaves no message.
  if ("conversation_id" in change) return void (message && replica.log.set(message.id, message));
  const room = replica.rooms.get(room_id);
  if (!room) return;
  room.version = Math.max(room.version, version);
  if (message) holdMessage(replica, room, change, event === "message.created");
  else changes[event]?.(replica, room, change);
}

function holdMessage(
  { messages, members }: Replica,
  room: Row,
  { message, read_marks }: Announced,
  isNew: boolean,
): void {
  const { sender_number: _, sender_username: __, ...row } = message;
  messages.set(message.id, row);
  if (!isNew) return;
  Object.assign(room, { last_seq: message.seq, last_message_id: message.id, last_message_at: message.created_at });
  for (const { user_id, last_read_seq, last_delivered_seq } of read_marks ?? []) {
    const member = members.get(memberKey({ room_id: message.room_id, user_id }));
    Object.assign(member ?? {}, marks(last_read_seq, last_delivered_seq));
  }
}

const changes: Record<string, (replica: Replica, room: Row, change: Announced) => void> = {
  "message.pinned": ({ pins }, _, { pin }) => pins.set(pin.message_id, pick(pin, columns.pins)),
  "message.unpinned": ({ pins }, _, { message_id }) => pins.delete(message_id),
  "message.reactions": ({ messages }, _, { message_id, counts, version }) =>
    Object.assign(messages.get(message_id)!, { reactions: counts, reactions_version: version }),
  "member.joined"({ members }, room, change) {
    // A new member starts with everything read.
    members.set(memberKey(change), { ...pick(change, columns.members), ...marks(room.last_seq) });
    room.member_count++;
  },
  "member.left"({ members }, room, change) {
    members.delete(memberKey(change));
    room.member_count = change.member_count;
  },
  "member.updated": ({ members }, _, change) => Object.assign(members.get(memberKey(change))!, { role: change.role }),
  "member.read": ({ members }, _, change) =>
    Object.assign(members.get(memberKey(change))!, marks(change.last_read_seq, change.last_delivered_seq)),
  "room.updated": (_, room, change) =>
    Object.assign(
      room,
      pick(
        change,
        "name, description, is_public, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason, joining",
      ),
    ),
  "room.moved": (_, room, { topic }) => room.topic = topic,
};

const marks = (last_read_seq: number, last_delivered_seq = last_read_seq) => ({ last_read_seq, last_delivered_seq });

const pick = (row: Row, names: string): Row => Object.fromEntries(names.split(", ").map((name) => [name, row[name]]));
