import type { Connection } from "../connection/connection.ts";
import type { Change, SyncPage } from "../contract/events.ts";

/** Beyond this number of missed changes, the room is loaded again instead. */
const MAX_CHANGES = 2_000;

/** The changes in a room, and the last page that contained them. */
export interface MissedChanges {
  changes: Change[];
  page: SyncPage;
}

/**
 * Reads all changes since a version. Pages are applied together: between two of them, messages may lack their
 * predecessors.
 * @param readAt the topic that the room had when it was loaded
 * @returns undefined if the room must be loaded again
 */
export async function readMissed(
  connection: Connection,
  roomId: number,
  version: number,
  readAt: string | undefined,
): Promise<MissedChanges | undefined> {
  const changes: Change[] = [];
  const own_reactions: SyncPage["own_reactions"] = {};
  for (let since = version;;) {
    const page = await connection.run("sync", { room_id: roomId, since_version: since }) as unknown as SyncPage;
    changes.push(...page.changes);
    Object.assign(own_reactions, page.own_reactions);
    since = page.version;
    // The caller may have lost and regained membership while loading, and read too little; the topic changes whenever a
    // member leaves.
    if (readAt && readAt !== page.topic) return undefined;
    if (!page.has_more) return { changes, page: { ...page, own_reactions } };
    if (changes.length >= MAX_CHANGES) return undefined;
  }
}
