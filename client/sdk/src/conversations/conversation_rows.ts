import type { Tables } from "../connection/database.ts";

export type Conversation = Tables<"conversations">;
export type ConversationMessage = Tables<"conversation_messages">;

/** A reply that is being written. */
export interface RunningReply {
  id: number;
  question_id: number;
  /** What is written so far. */
  text: string;
  /** In how many parts: the index of the next `reply.delta`. */
  parts: number;
  created_at: string;
}
