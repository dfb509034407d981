import type { Context } from "hono";
import type { Sql } from "../db/db.ts";

/** What the last draw of this transaction has left in a bucket of the caller, for `sayLimit`: a column. */
export const drawn = (sql: Sql) => sql`current_setting('chat.drawn', true)`;

/**
 * Says in the headers of an answer how often the caller may do this again.
 * @param action what was done.
 * @param state what `drawn` has read; of another action, if this one has no limit.
 */
export function sayLimit(c: Context, action: string, state: string | null): void {
  const [of, limit, window, rest, full] = (state ?? "").split(" ");
  if (of !== action) return;
  c.header("RateLimit-Policy", `"${action}";q=${limit};w=${window}`);
  c.header("RateLimit", `"${action}";r=${rest};t=${full}`);
}
