import type { Json } from "../connection/database.ts";
import type { Connection } from "../connection/connection.ts";
import { callForMessage, type Message } from "../data/messages.ts";

/** A message that the server does not have yet. */
export interface Unsent {
  client_id: string;
  room_id: number;
  content: string;
  metadata: Json;
  reply_to_id: number | null;
  /** Forwards that message instead of sending `content`. */
  forwarded_from_id: number | null;
  created_at: string;
  /** The code of the refusal; without one it is being sent. */
  error?: string;
}

/** What a send says besides its text. */
export interface SendOptions {
  /** The message replied to. */
  replyTo?: number;
  metadata?: { [key: string]: Json | undefined };
}

/**
 * Sends a message; one that the server has already it answers as it is.
 * @throws ChatError
 */
export async function sendUnsent(connection: Connection, entry: Unsent): Promise<Message> {
  const { client_id, room_id, content, metadata, reply_to_id, forwarded_from_id } = entry;
  if (forwarded_from_id) {
    const args = { message_id: forwarded_from_id, target_room_id: room_id, client_id };
    return await callForMessage(connection, "forward_message", args);
  }
  const args = { room_id, content, client_id, metadata, ...(reply_to_id && { reply_to_id }) };
  return await callForMessage(connection, "send_message", args);
}

/** The list without a message. */
export const without = (list: readonly Unsent[], clientId: string) =>
  list.filter((each) => each.client_id !== clientId);
