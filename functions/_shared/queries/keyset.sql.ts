import type { Sql, Statement } from "../db/db.ts";

/** Which rows of a list: the newest, or those just before or just after the row with an id. */
export interface Keyset {
  before?: number;
  after?: number;
}

/**
 * The bound and the direction of a keyset page: backwards from the newest, unless it is a page after a row.
 * @param column by which the rows are ordered
 * @param valueOf the value of that column in the row with an id; by default the column holds the ids themselves
 * @example
 * ```ts
 * const { bound, direction } = keyset(sql, page, sql`posts.id`);
 * sql`select * from chat.posts as posts where true ${bound} order by posts.id ${direction} limit 20`;
 * ```
 */
export function keyset(
  sql: Sql,
  { before, after }: Keyset,
  column: Statement,
  valueOf: (id: number) => Statement = (id) => sql`${id}`,
): { bound: Statement; direction: Statement } {
  if (after !== undefined) return { bound: sql`and ${column} > ${valueOf(after)}`, direction: sql`asc` };
  const bound = before === undefined ? sql`` : sql`and ${column} < ${valueOf(before)}`;
  return { bound, direction: sql`desc` };
}

/** The keyset of the page that follows a page, whose rows are oldest first. */
export const following = ({ after }: Keyset, rows: { id: number }[]): { before: number } | { after: number } =>
  after !== undefined ? { after: rows.at(-1)!.id } : { before: rows[0]!.id };
