import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, type Sql } from "../_shared/db/db.ts";
import { myRooms, otherOf, ownReadSeq, type RoomPage, type Roster } from "../_shared/queries/my_rooms.sql.ts";
import type { Chat } from "./schemas.ts";

interface ChatRow extends Roster {
  id: number;
  kind: "direct" | "group";
  name: string;
  description: string;
  created_at: string;
  unread_count: number;
  last_read_id: number | null;
  last_seq: number;
  version: number;
  member_count: number;
  last_id: number | null;
  last_text: string;
  last_at: string;
}

/** Chats of the caller, the most recently active first. */
export const chatRows = (sql: Sql, page: RoomPage) =>
  myRooms<ChatRow>(
    sql,
    page,
    sql`rooms.id, rooms.kind, rooms.name, rooms.description, rooms.created_at, rooms.last_seq, rooms.version,
      rooms.member_count, unread.unread_count,
      (select id from chat.messages where room_id = rooms.id and seq = ${
      ownReadSeq(sql, sql`(rooms.mine)`)
    }) as last_read_id,
      rooms.last_id, rooms.last_text, rooms.last_at`,
    sql`join chat_private.my_unread_counts(array(select id from page)) as unread on unread.room_id = rooms.id`,
  );

/** A chat as the API shows it. */
export function toChat(row: ChatRow): z.infer<typeof Chat> {
  const other = row.kind === "direct" && otherOf(row);
  return {
    id: row.id,
    type: row.kind === "direct" ? "private" : "group",
    name: row.name || (other ? other.username : ""),
    description: row.description,
    members: row.members,
    members_count: row.member_count,
    unread_count: row.unread_count,
    last_read_message_id: row.last_read_id,
    last_message: row.last_id === null ? null : { id: row.last_id, text: row.last_text, created_at: row.last_at },
    last_seq: row.last_seq,
    version: row.version,
    created_at: row.created_at,
  };
}

/** One chat of the caller. Raises 404 for anyone else's. */
export async function readChat(claims: Claims, id: number): Promise<z.infer<typeof Chat>> {
  const [[row]] = await asUser(claims, (sql) => [chatRows(sql, { only: id })]);
  return found(row);
}

/** The chat of a statement that is about one. Raises 404 when there is none. */
export function found(row: ChatRow | undefined): z.infer<typeof Chat> {
  if (!row) throw notFound("room_not_found");
  return toChat(row);
}

/** Raises 404 unless the caller is in the chat. */
export async function requireChat(claims: Claims, id: number): Promise<void> {
  await readChat(claims, id);
}
