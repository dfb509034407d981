import { z } from "@hono/zod-openapi";
import type { Claims } from "../auth/tokens.ts";
import { invalid, noAccount } from "../base/errors.ts";
import { arrayOf } from "../db/arrays.ts";
import { asUser, type Sql, type Statement } from "../db/db.ts";
import { answeredId } from "../http/fields.ts";

/** A person as most APIs show one. */
export const User = z.object({
  id: answeredId(),
  username: z.string(),
  email: z.string().openapi({ description: "Empty unless the user shows it." }),
  first_name: z.string(),
  last_name: z.string(),
}).openapi("User");

/** The columns of a `User`, where chat.profiles is called `profiles`. */
export const userColumns = (sql: Sql, email: Statement = sql`chat.email(profiles)`) =>
  sql`profiles.number as id, profiles.username, ${email} as email, profiles.first_name, profiles.last_name`;

/**
 * Rows of `user_id` and `email`: asked for one by one, many addresses take four times as long.
 * @param ids selects ids of people.
 */
export const emailsOf = (sql: Sql, ids: Statement) => sql`chat_private.shown_emails(array(${ids}))`;

/** Whether someone is online and when they were last seen, where chat.user_status is called `status`. */
export const statusColumns = (sql: Sql) =>
  sql`coalesce(chat.is_online(status), false) as is_online, status.last_seen_at as last_seen`;

/** Get a user by username, in any case and with or without accents, as a condition on chat.profiles as `profiles`. */
export const isNamed = (sql: Sql, username: string) =>
  sql`profiles.id = (select chat_private.person_named(${username}))`;

/** The caller. Raises 401 if the account was deleted. */
export async function readUser(claims: Claims): Promise<z.infer<typeof User>> {
  const [[user]] = await asUser(claims, (sql) => [
    sql<z.infer<typeof User>[]>`
      select ${userColumns(sql)} from chat.profiles as profiles where profiles.id = ${claims.sub}`,
  ]);
  return user ?? accountGone();
}

/** Refuses the token of a deleted account. */
export function accountGone(): never {
  throw noAccount();
}

/** The people with these numbers. Raises 400 for one that does not exist, naming `field`. */
export async function findPeople(
  sql: Sql,
  numbers: number[],
  field = "members",
): Promise<{ id: string; number: number }[]> {
  const people = await sql<{ id: string; number: number }[]>`
    select id, number from chat.profiles where number = any (${arrayOf(numbers)}::bigint[])`;
  const known = new Set(people.map(({ number }) => number));
  const missing = numbers.find((number) => !known.has(number));
  if (missing !== undefined) throw invalid(field, `Invalid pk "${missing}" - object does not exist.`);
  return people;
}

/** Ids as Postgres reads an array of uuids. */
export const uuidArray = (people: { id: string }[]) => arrayOf(people.map(({ id }) => id));

/** Selects the people whose username, or also whose name, has a part; in order of id. */
export const peopleFound = (
  sql: Sql,
  { part, names, after = 0, limit }: { part: string; names: boolean; after?: number; limit: number },
) => sql`select * from chat_private.people_found(${part.slice(0, 300)}, ${names}, ${after}, ${limit})`;
