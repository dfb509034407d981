import type { Connection } from "../connection/connection.ts";

/** A page of what a search has found, newest first. */
export interface FoundPage<T> {
  messages: T[];
  /** Begins the next page; `null` at the end. */
  before_id: number | null;
}

/**
 * Reads pages of a search until it has found enough, or ends: a call reads a bounded number of messages.
 * @param wanted the arguments that all pages have
 * @param limit how many messages to find; default 50
 */
export async function readFound<T>(
  connection: Connection,
  search: "search_page" | "search_conversations",
  wanted: Record<string, unknown>,
  { before, limit = 50 }: { before?: number; limit?: number },
): Promise<T[]> {
  const found: T[] = [];
  for (let from = before;;) {
    const args = { ...wanted, max_rows: limit - found.length, ...(from !== undefined && { before_id: from }) };
    const page = await connection.run(search, args as never) as unknown as FoundPage<T>;
    found.push(...page.messages);
    if (page.before_id === null || found.length >= limit) return found;
    from = page.before_id;
  }
}
