import { Attendance } from "./attendance.ts";
import type { Change } from "../data/changes.ts";
import type { Connection } from "../connection/connection.ts";
import { Live, type Typist } from "./live_topic.ts";
import type { Member } from "../data/room_changes.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";
import type { RoomState } from "./room_state.ts";
import { Unlisted } from "./unlisted_members.ts";

type Presence = Pick<RoomSnapshot, "typing" | "online">;

/**
 * Who writes in a room and who is there. Nobody looks after what clients say to each other: only members are believed,
 * and by the usernames that the list of members has.
 */
export class RoomPresence {
  readonly #state: RoomState;
  readonly #me: string;
  readonly #live: Live;
  readonly #attendance: Attendance;
  readonly #unlisted: Unlisted;

  constructor(connection: Connection, state: RoomState, me: string, changed: () => void) {
    this.#state = state;
    this.#me = me;
    this.#live = new Live(connection, me, (id) => !this.#isWhole || this.#isListed(id), changed);
    this.#attendance = new Attendance(connection, () => state.members, changed);
    this.#unlisted = new Unlisted(connection, state.roomId, changed);
  }

  /** Goes to the live topic beside a topic of events. */
  move(topic: string): void {
    this.#live.move(topic);
  }

  /** Says that the caller writes, or has stopped. */
  type(typing: boolean): void {
    this.#live.say(typing, this.#state.members.find(({ user_id }) => user_id === this.#me));
  }

  /** Events come from now on: what happened before was not heard. */
  heard(): void {
    this.#attendance.refresh();
  }

  /** Takes a change of the room: whose message is here writes no more. */
  take({ event, message, user_id }: Change): void {
    if (message) this.#live.stopped(message.sender_id);
    if (event === "member.left") this.#live.stopped(user_id!);
    if (event.startsWith("member.")) this.#unlisted.changed(user_id!);
    if (event === "member.joined") this.#attendance.refresh();
  }

  /** Takes an event that is not counted. */
  pass(event: Change): void {
    if (event.event === "user.status") this.#attendance.heard(event);
  }

  /** What a snapshot shows. The lists before, when nothing differs. */
  view(before: Presence): Presence {
    const { members } = this.#state;
    const names = new Map(members.map(({ user_id, username }: Member) => [user_id, username]));
    const typing = this.#live.typists.flatMap((user_id): Typist[] => {
      const username = names.get(user_id) ?? (this.#isWhole ? undefined : this.#unlisted.nameOf(user_id));
      return username === undefined ? [] : [{ user_id, username }];
    });
    const online = [...new Set([...this.#live.present, ...this.#attendance.seen])].filter((id) => names.has(id)).sort();
    return { typing: steady(before.typing, typing), online: steady(before.online, online) };
  }

  /** A room may be too large for listing all its members. */
  get #isWhole(): boolean {
    return this.#state.members.length >= this.#state.room!.member_count;
  }

  #isListed(id: string): boolean {
    return this.#state.members.some(({ user_id }) => user_id === id);
  }

  close(): void {
    this.#live.close();
    this.#attendance.close();
  }
}

/** The list before, when the next says the same. */
function steady<T>(before: readonly T[], next: readonly T[]): readonly T[] {
  return JSON.stringify(before) === JSON.stringify(next) ? before : next;
}
