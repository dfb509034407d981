import type { Connection } from "../connection/connection.ts";
import type { Change, UncountedEvent } from "../contract/events.ts";
import { messageOf } from "../data/messages.ts";
import type { Member } from "../data/room_changes.ts";
import { LiveTopic, type Typist } from "./live_topic.ts";
import { OnlineMembers } from "./online_members.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";
import type { RoomState } from "./room_state.ts";
import { UnlistedMembers } from "./unlisted_members.ts";

type Presence = Pick<RoomSnapshot, "typing" | "online">;

/**
 * Who is typing in a room and who is online. The server does not verify what clients broadcast: only members are shown,
 * with the usernames from the list of members.
 */
export class RoomPresence {
  readonly #state: RoomState;
  readonly #me: string;
  readonly #live: LiveTopic;
  readonly #onlineMembers: OnlineMembers;
  readonly #unlisted: UnlistedMembers;

  constructor(connection: Connection, state: RoomState, me: string, onChanged: () => void) {
    this.#state = state;
    this.#me = me;
    this.#live = new LiveTopic(connection, me, (id) => !this.#isWhole || this.#isListed(id), onChanged);
    this.#onlineMembers = new OnlineMembers(connection, () => state.members, onChanged);
    this.#unlisted = new UnlistedMembers(connection, state.roomId, onChanged);
  }

  /** Moves to the live topic that belongs to a topic of events. */
  move(topic: string): void {
    this.#live.move(topic);
  }

  /** Broadcasts that the caller is typing, or has stopped. */
  sendTyping(isTyping: boolean): void {
    this.#live.sendTyping(isTyping, this.#state.members.find(({ user_id }) => user_id === this.#me));
  }

  /** Events have begun to arrive: earlier ones may have been missed. */
  refresh(): void {
    this.#onlineMembers.refresh();
  }

  /** Applies a change of the room: a sender whose message arrives has stopped typing. */
  applyChange(change: Change): void {
    const message = messageOf(change);
    if (message) this.#live.stopped(message.sender_id);
    if (change.event === "member.left") this.#live.stopped(change.user_id);
    if ("user_id" in change && change.user_id) this.#unlisted.forget(change.user_id);
    if (change.event === "member.joined") this.#onlineMembers.refresh();
  }

  /** Applies an event that does not count as a change. */
  receiveUncounted(event: UncountedEvent): void {
    if (event.event === "user.status") this.#onlineMembers.receive(event);
  }

  /** Returns the fields of the snapshot. Lists stay the same if nothing differs. */
  view(before: Presence): Presence {
    const { members } = this.#state;
    const names = new Map(members.map(({ user_id, username }: Member) => [user_id, username]));
    const typing = this.#live.typingIds.flatMap((user_id): Typist[] => {
      const username = names.get(user_id) ?? (this.#isWhole ? undefined : this.#unlisted.nameOf(user_id));
      return username === undefined ? [] : [{ user_id, username }];
    });
    const online = [...new Set([...this.#live.presentIds, ...this.#onlineMembers.ids])].filter((id) => names.has(id))
      .sort();
    return { typing: steady(before.typing, typing), online: steady(before.online, online) };
  }

  /** Whether all members are listed; the room may be too large. */
  get #isWhole(): boolean {
    return this.#state.members.length >= this.#state.room!.member_count;
  }

  #isListed(id: string): boolean {
    return this.#state.members.some(({ user_id }) => user_id === id);
  }

  close(): void {
    this.#live.close();
    this.#onlineMembers.close();
  }
}

/** Returns the previous list if the next one is equal. */
function steady<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}
