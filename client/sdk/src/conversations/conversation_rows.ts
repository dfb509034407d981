import type { Tables } from "../contract/database.ts";

export type Conversation = Tables<"conversations">;
export type ConversationMessage = Tables<"conversation_messages">;

/** A reply that is being written. */
export interface RunningReply {
  id: number;
  question_id: number;
  /** The text so far. */
  text: string;
  /** The number of parts so far: the index of the next `reply.delta`. */
  parts: number;
  created_at: string;
}
