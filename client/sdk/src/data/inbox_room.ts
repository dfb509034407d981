import type { Connection } from "../connection/connection.ts";
import type { Database } from "../contract/database.ts";
import type { Role } from "../contract/events.ts";
import { ChatError } from "../util/errors.ts";
import type { Message } from "./messages.ts";

type Row = Database["chat"]["Functions"]["room_list"]["Returns"][number];

/** One of the caller's rooms, as the inbox shows it. */
export interface InboxRoom extends
  Omit<
    Row,
    | "slug"
    | "avatar_url"
    | "created_by"
    | "locked_at"
    | "locked_reason"
    | "archived_at"
    | "muted_until"
    | "last_message"
    | "other_member"
    | "has_more"
  > {
  /** The name of a group, or the other member's username in a direct room. */
  title: string;
  slug: string | null;
  /** The picture of a group. */
  avatar_url: string | null;
  created_by: string | null;
  /** Since when only admins write, edit, react and pin; null if the room is not locked. */
  locked_at: string | null;
  /** Why it is locked. */
  locked_reason: string | null;
  role: Role;
  archived_at: string | null;
  muted_until: string | null;
  last_message: Message | null;
  /** The other member of a direct room, unless their account was deleted. */
  other_member: { user_id: string; number: number; username: string } | null;
}

/** How much of a room the caller has not read. */
export type Counts = Pick<InboxRoom, "unread_count" | "mention_count">;

export interface ListOptions {
  /** `true` for archived rooms only, `false` for the others only. Default: both. */
  archived?: boolean;
  /** Continues after the room with this id. */
  before?: number;
  /** 1 to 1,000; default 100. */
  limit?: number;
}

/** Lists the caller's rooms, most recently active first. */
export async function listRooms(connection: Connection, options: ListOptions = {}): Promise<InboxRoom[]> {
  const { archived, before, limit = 100 } = options;
  const found: Row[] = [];
  for (;;) {
    const from = found.at(-1)?.id ?? before;
    const page = await connection.run("room_list", {
      max_rows: limit - found.length,
      ...(archived !== undefined && { archived }),
      ...(from !== undefined && { before_room_id: from }),
    });
    found.push(...page);
    // Rooms with long last messages arrive in several pages.
    if (found.length >= limit || !page.at(-1)?.has_more) return found.map(titled);
  }
}

/** Returns one of the caller's rooms, or undefined if they are not a member. */
export async function findRoom(connection: Connection, id: number): Promise<InboxRoom | undefined> {
  const [row] = await connection.run("room_list", { only_room_id: id });
  return row?.id === id ? titled(row) : undefined; // NaN becomes null in JSON, which asks for the whole list
}

/**
 * Returns one of the caller's rooms.
 * @throws ChatError room_not_found
 */
export async function requireRoom(connection: Connection, id: number): Promise<InboxRoom> {
  const room = await findRoom(connection, id);
  if (!room) throw noRoom();
  return room;
}

export const noRoom = () => new ChatError("room_not_found", 404, "No such room, or you are not a member of it.");

/** A server of an earlier release counts no mentions, and has no slow mode and no switches. */
const OF_EARLIER_RELEASES = {
  mention_count: 0,
  slow_mode_seconds: 0,
  posting: "everyone",
  inviting: "admins",
  pinning: "everyone",
  joining: "open",
  locked_at: null,
  locked_reason: null,
  is_dormant: false,
} as const;

function titled(row: Row): InboxRoom {
  const { has_more: _, ...room } = row as unknown as Omit<InboxRoom, "title"> & { has_more: boolean };
  return { ...OF_EARLIER_RELEASES, ...room, title: room.name || room.other_member?.username || "" };
}

/**
 * Returns the room with the caller's read mark moved forward.
 * @param unread how many messages after the mark are unread, if known; otherwise upper bounds are used
 */
export function withReadMark(room: InboxRoom, readSeq: number, unread?: Counts): InboxRoom {
  const last_read_seq = Math.max(room.last_read_seq, readSeq);
  if (last_read_seq === room.last_read_seq) return room;
  const unread_count = Math.min(room.unread_count, unread?.unread_count ?? Math.max(0, room.last_seq - last_read_seq));
  const mention_count = Math.min(room.mention_count, unread?.mention_count ?? unread_count);
  return { ...room, last_read_seq, unread_count, mention_count };
}
