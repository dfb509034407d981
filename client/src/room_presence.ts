import type { Live, Typist } from "./live.ts";
import type { Member } from "./room_changes.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";

type Presence = Pick<RoomSnapshot, "typing" | "online">;

/**
 * Who writes and who is there. Nobody looks after what clients say to each other: only members are believed, and under
 * their own names. The lists before, when nothing differs.
 */
export function believed(
  { typists, present }: Pick<Live, "typists" | "present">,
  members: readonly Member[],
  memberCount: number,
  before: Presence,
): Presence {
  const names = new Map(members.map(({ user_id, username }) => [user_id, username]));
  // Of a room too large for listing its members, anyone.
  const member = (id: string) => names.has(id) || members.length < memberCount;
  const typing = typists.filter(({ user_id }) => member(user_id))
    .map(({ user_id, username }): Typist => ({ user_id, username: names.get(user_id) ?? username }));
  return { typing: steady(before.typing, typing), online: steady(before.online, present.filter(member)) };
}

/** The list before, when the next says the same. */
function steady<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}
