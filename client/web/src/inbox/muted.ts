import type { InboxRoom } from "parley-client";

/** Whether a room is muted now. */
export function isMuted({ muted_until }: InboxRoom): boolean {
  return muted_until !== null && (muted_until === "infinity" || Date.parse(muted_until) > Date.now());
}
