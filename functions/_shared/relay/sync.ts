import type { SyncPage } from "../../../client/sdk/src/contract/events.ts";
import type { Claims } from "../auth/tokens.ts";
import { readAsUser, type UserOptions } from "../db/db.ts";
import { Change } from "./change.ts";
import { closeOf, Refusal } from "./refusal.ts";

/** A page of what changed in a room. */
export interface Page {
  changes: Change[];
  /** The version that it reaches. */
  version: number;
  topic: string;
  has_more: boolean;
}

const PAGE_SIZE = 200;

/**
 * Reads what changed in a room after a version, as a member.
 * @throws Refusal when they are none, or may not act any more.
 */
export async function readPage(
  claims: Claims,
  room: number,
  since: number,
  options?: UserOptions,
): Promise<Page> {
  try {
    const [[row]] = await readAsUser(claims, (sql) => [
      sql<{ sync: SyncPage }[]>`
        select chat.sync(${room}, ${since}, ${PAGE_SIZE}) as sync`,
    ], options);
    const page = row!.sync;
    return { ...page, changes: page.changes.map((change) => new Change(change, true)) };
  } catch (error) {
    const close = closeOf(error);
    throw close ? new Refusal(close) : error;
  }
}
