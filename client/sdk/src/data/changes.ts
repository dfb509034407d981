import type { Enums, Tables } from "../contract/database.ts";
import type { Message } from "./messages.ts";

/** A pinned message. */
export type Pin = Tables<"pins">;
export type Role = Enums<"member_role">;

/** What an event of a room says, and a change in the answer of `sync`: the same object. Design, section 4. */
export interface Change {
  event: string;
  room_id: number;
  version: number;
  message?: Message;
  pin?: Pin;
  /** Of the pin that went. */
  message_id?: number;
  user_id?: string;
  user_number?: number | null;
  username?: string | null;
  role?: Role;
  joined_at?: string;
  member_count?: number;
  last_read_seq?: number;
  last_delivered_seq?: number;
  /** Of the sender of a new message. */
  read_marks?: Mark[];
  is_online?: boolean;
  topic?: string;
  name?: string;
  description?: string;
  is_public?: boolean;
  /** Of a room of two, when one has another username. */
  slug?: string;
}

/** How far somebody has read. */
export interface Mark {
  user_id: string;
  last_read_seq: number;
  last_delivered_seq: number;
}

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
}

/** Events that carry the version of the room, but are no change of their own. */
const passing = new Set(["member.read", "user.status", "room.moved", "room.deleted"]);

/** Whether an event counts in the version of its room. */
export const counted = ({ event }: Change) => !passing.has(event);
