import type { InboxRoom } from "parley-client";

/**
 * Whether the user may write or pin in a room, by its switches; the database checks it again.
 * @param what without it: what everyone may do unless the room is locked
 */
export const may = (about: InboxRoom | null, what?: "posting" | "pinning"): boolean =>
  about?.role !== "member" || !about.locked_at && (!what || about[what] !== "admins");
