import { type InboxRoom, withReadMark } from "../data/inbox_room.ts";
import type { ChatError } from "../util/errors.ts";

/** The caller's rooms. Lists and rooms stay the same objects until they change. */
export interface InboxSnapshot {
  status: "idle" | "loading" | "ready";
  /** Why the list could not be read. It is retried automatically. */
  error: ChatError | null;
  /** Most recently active first, including archived rooms: see `archived_at`. */
  rooms: readonly InboxRoom[];
  /** Unread messages in rooms that are neither archived nor muted. */
  unread: number;
  /** Unread messages that mention the caller in rooms that are not archived, also in muted ones. */
  mentions: number;
  hasMore: boolean;
}

/** The state while the inbox has no subscribers. */
export const IDLE: InboxSnapshot = { status: "idle", error: null, rooms: [], unread: 0, mentions: 0, hasMore: false };

/** Sorts the rooms and counts unread messages. Returns the previous list if nothing differs. */
export function arranged(
  rooms: readonly InboxRoom[],
  before: readonly InboxRoom[],
): Pick<InboxSnapshot, "rooms" | "unread" | "mentions"> {
  const sorted = [...rooms].sort(byActivity);
  const isSame = sorted.length === before.length && sorted.every((room, index) => room === before[index]);
  const current = sorted.filter(({ archived_at }) => !archived_at);
  const loud = current.filter(({ muted_until }) => !isMuted(muted_until));
  return {
    rooms: isSame ? before : sorted,
    unread: loud.reduce((sum, { unread_count }) => sum + unread_count, 0),
    mentions: current.reduce((sum, { mention_count }) => sum + mention_count, 0),
  };
}

/** Browsers cannot parse the timestamp `infinity`; it never ends. */
const isMuted = (until: string | null) => until !== null && !(Date.parse(until) <= Date.now());

/** Most recently active first, in the order of the database. */
export function byActivity(one: InboxRoom, other: InboxRoom): number {
  return one.active_at < other.active_at ? 1 : one.active_at > other.active_at ? -1 : other.id - one.id;
}

/**
 * Merges rooms that were read with the others that are loaded.
 * @param set the rooms whose archiving or muting may be newer than what was read
 */
export function merged(
  page: readonly InboxRoom[],
  held: readonly InboxRoom[],
  set?: ReadonlySet<number>,
): InboxRoom[] {
  const byId = new Map(held.map((room) => [room.id, room]));
  const read = page.map((room) => newer(room, byId.get(room.id), set?.has(room.id)));
  for (const { id } of page) byId.delete(id);
  return [...read, ...byId.values()];
}

/** Returns the room as read, unless an event has brought a later version. Read marks only move forward. */
function newer(read: InboxRoom, held: InboxRoom | undefined, isSet?: boolean): InboxRoom {
  if (!held) return read;
  const { archived_at, muted_until } = isSet ? held : read;
  const base = { ...(held.version > read.version ? held : read), archived_at, muted_until };
  const room = withReadMark(base, held.last_read_seq, held.version === base.version ? held : undefined);
  return JSON.stringify(room) === JSON.stringify(held) ? held : room;
}
