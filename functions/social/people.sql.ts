import type { z } from "@hono/zod-openapi";
import type { Sql, Statement } from "../_shared/db/db.ts";
import { MAX_ROWS } from "../_shared/http/pagination.ts";
import { type Keyset, keyset } from "../_shared/queries/keyset.sql.ts";
import { userColumns } from "../_shared/queries/people.ts";
import { withinBytes } from "../_shared/queries/room_messages.sql.ts";
import { DEFAULT_IMAGE, IMAGES, type Person, type Post } from "./schemas.ts";

type PersonRow = Omit<z.infer<typeof Person>, "posts">;

/**
 * A person with their profile, and their posts: two statements for one transaction.
 * @param isMeant a condition on `profiles`.
 */
export const personRows = (sql: Sql, isMeant: Statement) =>
  [
    sql<PersonRow[]>`
      select ${userColumns(sql)}, json_build_object(
        'image', coalesce(
          regexp_replace(profiles.avatar_url, '^https?://[^/]+/storage/v1/object/public/avatars/', ${IMAGES}::text),
          ${DEFAULT_IMAGE}::text
        ),
        'bio', profiles.bio,
        'friends', (
          select coalesce(json_agg(friends.number order by friends.number), '[]')
          from chat.friendships
          join chat.profiles as friends on friends.id = friendships.friend_id
          where friendships.user_id = profiles.id
        )
      ) as profile
      from chat.profiles as profiles
      where ${isMeant}`,
    postRows(sql, { author: sql`select profiles.id from chat.profiles as profiles where ${isMeant}`, limit: MAX_ROWS }),
  ] as const;

/** A person as the API shows one; undefined when there is none. */
export const toPerson = ([person]: PersonRow[], posts: z.infer<typeof Post>[]) =>
  person && { ...person, posts: [...posts] };

/** Which posts: the newest, or those just before or after one; of everyone, or of the author that a statement selects. */
export interface PostPage extends Keyset {
  author?: Statement;
  limit: number;
}

/** Posts as the API shows them, oldest first. */
export function postRows(sql: Sql, { author, limit, ...page }: PostPage) {
  const byAuthor = author ? sql`and posts.author_id = (${author})` : sql``;
  const { bound, direction } = keyset(sql, page, sql`posts.id`);
  const rows = sql`
    select * from chat.posts as posts where true ${byAuthor} ${bound} order by posts.id ${direction} limit ${limit}`;
  // Authors are looked up one by one: planned for any limit, a join would read all profiles.
  return sql<z.infer<typeof Post>[]>`
    select page.id, page.title, page.content, page.created_at,
      (select authors.username from chat.profiles as authors where authors.id = page.author_id) as author
    from (${withinBytes(sql, rows, sql`id ${direction}`)}) as page
    order by page.id`;
}
