import { decodeJwt } from "jose";
import { type Claims, verifyToken } from "../auth/tokens.ts";
import { asUser, type Sql, type Statement } from "../db/db.ts";
import { CLOSE } from "./close_codes.ts";
import { closeOf, Refusal } from "./refusal.ts";
import type { RoomState } from "./rooms.ts";

/** The user of a socket. */
export interface Person {
  number: number;
  username: string;
}

/** An admitted member, and the state of the room at that time. */
export interface Admission {
  claims: Claims;
  person: Person;
  room: RoomState;
}

/**
 * Checks the token, and membership as the user.
 * @param isRoom the condition that chooses among chat.rooms.
 * @throws Refusal
 */
export async function admit(token: string | undefined, isRoom: (sql: Sql) => Statement): Promise<Admission> {
  const claims = token && await verifyToken(token);
  if (!claims) throw new Refusal(token && isExpired(token) ? CLOSE.tokenExpired : CLOSE.badToken);
  const rows = await asUser(claims, (sql) => [
    sql<(RoomState & Person)[]>`
      select rooms.id, rooms.topic, rooms.version, rooms.last_seq, profiles.number, profiles.username,
        chat_private.require_role(rooms.id)
      from chat.rooms as rooms, chat.profiles as profiles
      where ${isRoom(sql)} and profiles.id = (select auth.uid())`,
  ]).catch((error) => {
    const close = closeOf(error);
    throw close ? new Refusal(close) : error;
  });
  const row = rows[0][0];
  if (!row) throw new Refusal(CLOSE.notMember);
  const { id, topic, version, last_seq, number, username } = row;
  return { claims, person: { number, username }, room: { id, topic, version, last_seq } };
}

function isExpired(token: string): boolean {
  try {
    return (decodeJwt(token).exp ?? Infinity) * 1000 <= Date.now();
  } catch {
    return false;
  }
}
