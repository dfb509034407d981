import type { Sql } from "postgres";
import { newUser } from "../support/users.ts";
import type { Actor, Names } from "./entry_points.ts";
import { type MessageKey, USERS } from "./things.ts";

/** Five users who have just signed up, named in the order of their ids. */
export async function fivePeople(sql: Sql): Promise<Names["people"]> {
  const made = await Promise.all(USERS.map((user) => newUser(`new-${user}`)));
  const suffix = crypto.randomUUID().slice(0, 8);
  const people = made.toSorted((one, other) => one.id < other.id ? -1 : 1).map(async ({ id, token }, index) => {
    const username = `${USERS[index]}-${suffix}`;
    const [profile] = await sql`update chat.profiles set username = ${username} where id = ${id} returning number`;
    return [USERS[index]!, { id, number: Number(profile!.number), token }] as const;
  });
  return Object.fromEntries(await Promise.all(people)) as Record<(typeof USERS)[number], Actor>;
}

/** Deletes the rooms that users created. */
export async function forget(sql: Sql, people: Names["people"]): Promise<void> {
  await sql`delete from chat.rooms where created_by = any (${USERS.map((user) => people[user].id)}::uuid[])`;
}

/** The ids of keys, as they become known; an unknown key stands for nothing in the database. */
export function notebook(people: Names["people"]) {
  const rooms = new Map<number, number>();
  let messages = new Map<string, number>();
  const names: Names = {
    people,
    room: (key) => rooms.get(key) ?? 999_999_999,
    message: ({ room, seq }: MessageKey) => messages.get(`${room}#${seq}`) ?? 999_999_999,
  };
  const bind = (key: number | undefined, id: number | void) => {
    if (key !== undefined && id !== undefined) rooms.set(key, id);
  };
  return { names, bind, learn: (found: Map<string, number>) => void (messages = found), rooms };
}
