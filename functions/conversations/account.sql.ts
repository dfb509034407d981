import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { asUser } from "../_shared/db/db.ts";
import { accountGone } from "../_shared/queries/people.ts";
import type { Profile, User } from "./schemas.ts";

/** The caller. Raises 401 if the account was deleted. */
export async function readUser(claims: Claims): Promise<z.infer<typeof User>> {
  const [[user]] = await asUser(claims, (sql) => [
    sql<z.infer<typeof User>[]>`
      select number as pk, chat.email(profiles) as email, first_name, last_name
      from chat.profiles as profiles
      where id = ${claims.sub}`,
  ]);
  return user ?? accountGone();
}

/** Updates the given names of the caller. Raises 401 if the account was deleted. */
export async function updateProfile(
  claims: Claims,
  { first_name = null, last_name = null }: { first_name?: string | null; last_name?: string | null },
): Promise<z.infer<typeof Profile>> {
  const [[profile]] = await asUser(claims, (sql) => [
    sql<z.infer<typeof Profile>[]>`
      update chat.profiles as profiles
      set first_name = coalesce(${first_name}, first_name), last_name = coalesce(${last_name}, last_name)
      where id = ${claims.sub}
      returning number as id, chat.email(profiles) as email, first_name, last_name,
        btrim(first_name || ' ' || last_name) as name, created_at as date_joined`,
  ]);
  return profile ?? accountGone();
}
