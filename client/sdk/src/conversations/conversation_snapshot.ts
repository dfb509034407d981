import type { ChatError } from "../util/errors.ts";
import type { Conversation } from "./conversation_rows.ts";
import type { Entry } from "./entries.ts";

/** The state of an open conversation. Lists and entries stay the same objects until they change. */
export interface ConversationSnapshot {
  id: string;
  status: "loading" | "connecting" | "live" | "closed";
  error: ChatError | null;
  conversation: Conversation | null;
  /** Oldest first. A reply grows while it is written. */
  messages: readonly Entry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Whether a reply is being written, requested here or elsewhere. */
  replying: boolean;
}

/** The state while a conversation loads. */
export const UNLOADED: Omit<ConversationSnapshot, "id"> = {
  status: "loading",
  error: null,
  conversation: null,
  messages: [],
  hasOlder: false,
  loadingOlder: false,
  replying: false,
};
