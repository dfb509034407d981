import type { z } from "@hono/zod-openapi";
import { presentPicture } from "../_shared/accounts/pictures.ts";
import type { Claims } from "../_shared/auth/tokens.ts";
import { asUser, type Sql } from "../_shared/db/db.ts";
import { accountGone, statusColumns, type User, userColumns } from "../_shared/queries/people.ts";
import { touch } from "./presence.ts";
import { avatarOf, type Profile } from "./schemas.ts";

interface ProfileRow extends z.infer<typeof User> {
  date_joined: string;
  is_online: boolean;
  last_seen: string | null;
  avatar_url: string | null;
}

/** The changes to a profile; fields that are left out stay. */
export interface ProfileChange {
  first_name?: string;
  last_name?: string;
  /** null takes it away. */
  avatar?: string | null;
}

const profileRow = (sql: Sql) =>
  sql<ProfileRow[]>`
    select ${userColumns(sql)}, profiles.created_at as date_joined, profiles.avatar_url,
      ${statusColumns(sql)}
    from chat.profiles as profiles
    left join chat.user_status as status on status.user_id = profiles.id
    where profiles.id = (select auth.uid())`;

/** The caller's profile; marks the caller as online. Raises 401 if the account was deleted. */
export async function readProfile(claims: Claims): Promise<z.infer<typeof Profile>> {
  const [, [row]] = await asUser(claims, (sql) => [touch(sql), profileRow(sql)]);
  return toProfile(row);
}

/** The profile after a change, and the picture that was shown before it. */
interface Changed {
  profile: z.infer<typeof Profile>;
  replaced: string | null | undefined;
}

/** Updates the given fields. Raises 401 if the account was deleted. */
export async function changeProfile(claims: Claims, change: ProfileChange): Promise<Changed> {
  const [[before], , , [row]] = await asUser(claims, (sql) => [
    presentPicture(sql),
    touch(sql),
    sql`
      update chat.profiles as profiles
      set first_name = ${change.first_name ?? sql`first_name`}, last_name = ${change.last_name ?? sql`last_name`},
        avatar_url = ${change.avatar === undefined ? sql`avatar_url` : change.avatar}
      where profiles.id = (select auth.uid())`,
    profileRow(sql),
  ]);
  return { profile: toProfile(row), replaced: before?.avatar_url };
}

function toProfile(row: ProfileRow | undefined): z.infer<typeof Profile> {
  const { is_online, last_seen, avatar_url, date_joined, ...user } = row ?? accountGone();
  return { ...user, date_joined, profile: { is_online, last_seen, avatar: avatarOf(avatar_url) } };
}
