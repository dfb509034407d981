import type { Pin } from "../contract/events.ts";
import type { InboxRoom } from "../data/inbox_room.ts";
import type { RoomMessage, SentMessage } from "../data/messages.ts";
import type { Member } from "../data/room_changes.ts";
import type { ChatError } from "../util/errors.ts";
import type { Typist } from "./live_topic.ts";
import type { SystemMessage } from "../data/system_message.ts";

/** The state of an open room. Lists and messages stay the same objects until they change. */
export interface RoomSnapshot {
  id: number;
  /** `connecting`: shows what it has and tries to catch up. `closed`: for good, see `error`. */
  status: "loading" | "connecting" | "live" | "closed";
  /**
   * Why it closed: `room_not_found` or `not_a_member` if the caller was removed or the room was deleted. Or why it
   * still loads: `offline`, `not_signed_in` …
   */
  error: ChatError | null;
  /** The room itself: name, role, topic … `null` while loading. */
  room: InboxRoom | null;
  /**
   * Oldest first, without gaps: the newest messages, and unsent ones last. While older ones are shown (`loadAround`), those,
   * and `hasNewer` is true.
   */
  messages: readonly RoomMessage[];
  /**
   * What happened in the room, and what backends have said, between these messages: each stands after the message with its
   * `after_seq`. Oldest first.
   */
  systemMessages: readonly SystemMessage[];
  /** Messages that replies and pins refer to and that are not in `messages`, by id. */
  references: ReadonlyMap<number, SentMessage>;
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Whether there are newer messages than those in `messages`. */
  hasNewer: boolean;
  loadingNewer: boolean;
  members: readonly Member[];
  /** Oldest first. */
  pins: readonly Pin[];
  /** Members who are typing, without the caller. */
  typing: readonly Typist[];
  /**
   * The ids of members who are online: those who have the room open and, in rooms of up to 50, those seen elsewhere.
   */
  online: readonly string[];
  /** How many messages the caller has not read. */
  unread: number;
  /** Everyone else has read up to this seq; 0 in rooms of more than 50. */
  seenSeq: number;
}

/** The state while a room loads. */
export const UNLOADED: Omit<RoomSnapshot, "id"> = {
  status: "loading",
  error: null,
  room: null,
  messages: [],
  systemMessages: [],
  references: new Map(),
  hasOlder: false,
  loadingOlder: false,
  hasNewer: false,
  loadingNewer: false,
  members: [],
  pins: [],
  typing: [],
  online: [],
  unread: 0,
  seenSeq: 0,
};
