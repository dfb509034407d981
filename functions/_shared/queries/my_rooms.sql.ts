import type { Sql, Statement } from "../db/db.ts";
import type { Sized } from "./room_lists.sql.ts";

/** Which of the caller's rooms: all of them before a cursor, or the one with an id. */
export interface RoomPage {
  only?: number;
  before?: number;
  limit?: number;
}

/** A room of the caller, with its members. */
export interface MyRoom extends Sized {
  id: number;
  kind: "direct" | "group";
  slug: string;
  name: string;
  description: string;
  avatar_url: string | null;
  last_seq: number;
  version: number;
  created_at: string;
  own_number: number;
  member_count: number;
  members: { id: number; username: string }[];
  unread_count: number;
  /** The message up to which the caller has read. */
  last_read_id: number | null;
  /** The last message. */
  last_id: number | null;
  last_text: string;
  last_at: string;
}

/** How far the caller has read, which other members may not see; their row of chat.room_members is called `mine`. */
export const ownReadSeq = (sql: Sql) =>
  sql`case when mine.shares_receipts then mine.last_read_seq else (chat_private.my_marks(mine)).last_read_seq end`;

/** Rooms of the caller, to select from. */
export const roomPage = (sql: Sql, { only, before, limit = 1 }: RoomPage): Statement =>
  sql`chat_private.my_room_page(${only ?? null}, ${before ?? null}, ${limit})`;

/** The same as rows, the most recently active first. */
export const myRooms = (sql: Sql, page: RoomPage) => sql<MyRoom[]>`select * from ${roomPage(sql, page)} order by place`;

/** Who else is in a direct room, while their account stands. */
export const otherOf = ({ own_number, members }: MyRoom) => members.find((member) => member.id !== own_number);
