import type { SystemMessagePayload } from "../contract/events.ts";

/** What happened in a room, or what a backend says: it stands after the message with `after_seq`. */
export interface SystemMessage
  extends Pick<SystemMessagePayload, "kind" | "after_seq" | "created_at" | "actor_id" | "actor_username"> {
  /** The version of the room with it, or with the first of several: use it as the `key` of a list. */
  version: number;
  /** Whom it is about: those whom one call has added or removed are together. */
  people: readonly { user_id: string; username: string | null }[];
  /** The message that was pinned. */
  message_id: number | null;
  /** What a backend says, in plain text, or the new name of the room. */
  content: string | null;
}

/** The newest ones of a room, as they are read with it. */
export interface NewestSystemMessages {
  /** From this seq on, none is missing. */
  complete_from: number;
  messages: SystemMessage[];
}
