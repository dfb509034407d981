import type { Change, SyncPage } from "./changes.ts";
import type { Connection } from "../connection/connection.ts";

/** More missed messages than this are not fetched one by one. */
const MAX_CHANGES = 2_000;

/** What has changed in a room, and the last page that told it. */
export interface MissedChanges {
  changes: Change[];
  page: SyncPage;
}

/**
 * All that has changed since a version. The pages are taken at once: between two, messages may stand without their
 * forerunners.
 * @param readAt the topic that the room had when it was read
 * @returns undefined when the room is to be read anew
 */
export async function readMissed(
  connection: Connection,
  roomId: number,
  version: number,
  readAt: string | undefined,
): Promise<MissedChanges | undefined> {
  const changes: Change[] = [];
  for (let since = version;;) {
    const page = await connection.run("sync", { room_id: roomId, since_version: since }) as unknown as SyncPage;
    changes.push(...page.changes);
    since = page.version;
    // Who was no member for a moment while reading has read too little; the topic tells that somebody has left.
    if (readAt && readAt !== page.topic) return undefined;
    if (!page.has_more) return { changes, page };
    if (changes.length >= MAX_CHANGES) return undefined;
  }
}
