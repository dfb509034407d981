import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { asUser, type Sql } from "../_shared/db/db.ts";
import { accountGone, type User, userColumns } from "../_shared/queries/people.ts";

/**
 * Says that the caller is here, for clients of this API have no socket that would. Always the first statement of a
 * transaction: locks taken in one order cannot deadlock. Nothing happens if the account was deleted.
 */
export const touch = (sql: Sql, hasSignedOut = false) =>
  sql`
    select from chat.profiles as me
    cross join lateral chat.touch_status(${hasSignedOut})
    where me.id = (select auth.uid())`;

/** Marks the caller as online and returns them. Raises 401 if the account was deleted. */
export async function comeOnline(claims: Claims): Promise<z.infer<typeof User>> {
  const [[user]] = await asUser(claims, (sql) => [
    sql<z.infer<typeof User>[]>`
      select ${userColumns(sql)}
      from chat.profiles as profiles
      cross join lateral chat.touch_status()
      where profiles.id = ${claims.sub}`,
  ]);
  return user ?? accountGone();
}

/** Says that the caller has signed out. */
export async function goOffline(claims: Claims): Promise<void> {
  await asUser(claims, (sql) => [touch(sql, true)]);
}
