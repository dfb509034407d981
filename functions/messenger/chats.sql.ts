import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser } from "../_shared/db/db.ts";
import { type MyRoom, myRooms, otherOf } from "../_shared/queries/my_rooms.sql.ts";
import type { Chat } from "./schemas.ts";

/** A chat as the API shows it. */
export function toChat(row: MyRoom): z.infer<typeof Chat> {
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
  const [[row]] = await asUser(claims, (sql) => [myRooms(sql, { only: id })]);
  return found(row);
}

/** The chat of a statement that is about one. Raises 404 when there is none. */
export function found(row: MyRoom | undefined): z.infer<typeof Chat> {
  if (!row) throw notFound("room_not_found");
  return toChat(row);
}

/** Raises 404 unless the caller is in the chat. */
export async function requireChat(claims: Claims, id: number): Promise<void> {
  await readChat(claims, id);
}
