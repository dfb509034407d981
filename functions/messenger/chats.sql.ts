import type { z } from "@hono/zod-openapi";
import { asUser, type Sql } from "../_shared/db.ts";
import { invalid, notFound } from "../_shared/errors.ts";
import { MAX_ROWS } from "../_shared/pagination.ts";
import type { Claims } from "../_shared/tokens.ts";
import type { Chat } from "./schemas.ts";

interface ChatRow {
  id: number;
  kind: "direct" | "group";
  name: string;
  description: string;
  created_at: string;
  unread_count: number;
  last_seq: number;
  version: number;
  member_count: number;
  last_message: { id: number; content: string; created_at: string } | null;
  other_member: { username: string } | null;
  members: { id: number; username: string }[] | null;
}

/** Chats of the caller, the most recently active first: all of them before a cursor, or the one with an id. */
export const chatRows = (sql: Sql, { only = null, before = null, limit = 1 }: {
  only?: number | null;
  before?: number | null;
  limit?: number;
}) =>
  sql<ChatRow[]>`
    select list.id, list.kind, list.name, list.description, list.created_at, list.unread_count, list.last_seq,
      list.version, list.member_count, list.last_message, list.other_member,
      (
        select json_agg(json_build_object('id', people.number, 'username', people.username) order by people.number)
        from (select user_id from chat.room_members where room_id = list.id limit ${MAX_ROWS}) as members
        join chat.profiles as people on people.id = members.user_id
      ) as members
    from chat.room_list(before_room_id => ${before}, max_rows => ${limit}, only_room_id => ${only}) as list
    order by list.active_at desc, list.id desc`;

/** A chat in the shape of the document. */
export function toChat(row: ChatRow): z.infer<typeof Chat> {
  const last = row.last_message;
  return {
    id: row.id,
    type: row.kind === "direct" ? "private" : "group",
    name: row.name || (row.other_member?.username ?? ""),
    description: row.description,
    members: row.members ?? [],
    members_count: row.member_count,
    unread_count: row.unread_count,
    last_message: last && { id: last.id, text: last.content, created_at: last.created_at.replace("+00:00", "Z") },
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

/** The people with these ids. Raises 400 for one that does not exist. */
export async function findPeople(sql: Sql, numbers: number[]): Promise<{ id: string; number: number }[]> {
  const people = await sql<{ id: string; number: number }[]>`
    select id, number from chat.profiles where number = any (${`{${numbers.join(",")}}`}::bigint[])`;
  const known = new Set(people.map(({ number }) => number));
  const missing = numbers.find((number) => !known.has(number));
  if (missing !== undefined) throw invalid("members", `Invalid pk "${missing}" - object does not exist.`);
  return people;
}

/** Ids as Postgres reads an array of uuids. */
export const uuidArray = (people: { id: string }[]) => `{${people.map(({ id }) => id).join(",")}}`;
