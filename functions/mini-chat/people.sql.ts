import type { z } from "@hono/zod-openapi";
import type { Sql } from "../_shared/db/db.ts";
import { peopleFound, statusColumns, userColumns } from "../_shared/queries/people.ts";
import { avatarOf, type OnlineUser, type Person } from "./schemas.ts";

interface PersonRow {
  id: number;
  username: string;
  first_name: string;
  last_name: string;
  is_online: boolean;
  last_seen: string | null;
  avatar_url: string | null;
}

interface OnlineRow extends PersonRow {
  email: string;
}

interface Page {
  limit: number;
  after?: number;
}

const personColumns = (sql: Sql) =>
  sql`profiles.number as id, profiles.username, profiles.first_name, profiles.last_name, profiles.avatar_url,
    ${statusColumns(sql)}`;

/** People in order of id, of whom a part of the username, or of first and last name, may be given. */
export const personRows = (sql: Sql, { limit, after = 0 }: Page, part?: string) =>
  sql<PersonRow[]>`
    select ${personColumns(sql)}
    from ${
    part === undefined ? sql`chat.profiles` : sql`(${peopleFound(sql, { part, names: true, after, limit })})`
  } as profiles
    left join chat.user_status as status on status.user_id = profiles.id
    where profiles.number > ${after}
    order by profiles.number
    limit ${limit}`;

/** List participants of a room, ordered by id. */
export const participantRows = (sql: Sql, room: number, { limit, after = 0 }: Page) =>
  sql<PersonRow[]>`
    select ${personColumns(sql)}
    from chat.room_members as members
    join chat.profiles as profiles on profiles.id = members.user_id
    left join chat.user_status as status on status.user_id = profiles.id
    where members.room_id = ${room} and profiles.number > ${after}
    order by profiles.number
    limit ${limit}`;

/** Online users. The interval only narrows them down, by the index; SQL decides. */
export const onlineRows = (sql: Sql, { limit, after = 0 }: Page) =>
  sql<OnlineRow[]>`
    select ${userColumns(sql)}, ${statusColumns(sql)}, profiles.avatar_url
    from chat.user_status as status
    join chat.profiles as profiles on profiles.id = status.user_id
    where status.last_seen_at > now() - interval '10 minutes' and chat.is_online(status) and profiles.number > ${after}
    order by profiles.number
    limit ${limit}`;

/** A person as the API shows one. */
export function toPerson({ avatar_url, ...row }: PersonRow): z.infer<typeof Person> {
  return { ...row, full_name: `${row.first_name} ${row.last_name}`.trim(), avatar: avatarOf(avatar_url) };
}

/** An online user as the API shows them. */
export function toOnlineUser({ is_online, last_seen, avatar_url, ...user }: OnlineRow): z.infer<typeof OnlineUser> {
  return { user, is_online, last_seen, avatar: avatarOf(avatar_url) };
}
