import type { Claims } from "../../_shared/auth/tokens.ts";
import { asUser } from "../../_shared/db/db.ts";
import { accountGone } from "../../_shared/queries/people.ts";
import { offsetOf, PAGE_SIZE, requirePage } from "../pages.ts";

/** What stands around every chat: whose it is, and the other sessions. */
export interface Shell {
  username: string;
  sessions: { id: string; title: string }[];
  page: number;
  hasMore: boolean;
}

/** Reads it, with one page of sessions, newest first. Raises 401 if the account was deleted, 404 without such a page. */
export async function readShell(claims: Claims, page: number): Promise<Shell> {
  const [[profile], rows] = await asUser(claims, (sql) => [
    sql<{ username: string; count: number }[]>`
      select profiles.username, (
        select count(*) from chat.conversations where owner_id = (select auth.uid())
      ) as count
      from chat.profiles as profiles where profiles.id = ${claims.sub}`,
    sql<Shell["sessions"]>`
      select id, title from chat.conversations where owner_id = (select auth.uid())
      order by created_at desc, id desc limit ${PAGE_SIZE} offset ${offsetOf(page)}`,
  ]);
  if (!profile) return accountGone();
  requirePage(page, profile.count);
  return { username: profile.username, sessions: [...rows], page, hasMore: page * PAGE_SIZE < profile.count };
}
