import type { Connection } from "../connection/connection.ts";
import type { Json } from "../contract/database.ts";
import type { NewFile, QueuedFile } from "../files/new_file.ts";
import { callForMessage, type Message } from "../data/messages.ts";
import { ChatError } from "../util/errors.ts";

/** After this many server errors (500) a message, or one of its files, counts as refused. */
export const MAX_SERVER_ERRORS = 5;

/** A message that the server does not have yet. */
export interface Unsent {
  client_id: string;
  room_id: number;
  content: string;
  metadata: Json;
  reply_to_id: number | null;
  /** Forwards this message instead of sending `content`. */
  forwarded_from_id: number | null;
  created_at: string;
  /** The ids of the members that it mentions. */
  mentions?: readonly string[];
  mention_all?: boolean;
  /** Its files. They are sent to Storage before the message. */
  files?: readonly QueuedFile[];
  /** Whether the server had lost its files, so that they were sent again. */
  repeated?: boolean;
  /** The code of the refusal; absent while the message is being sent. */
  error?: string;
}

/** Options of a message besides its text. */
export interface SendOptions {
  /** The id of the message to reply to. */
  replyTo?: number;
  metadata?: { [key: string]: Json | undefined };
  /** The ids of at most 50 members that the message mentions. Write `@username` into the text for each. */
  mentions?: readonly string[];
  /** Whether it mentions everyone; in rooms of more than 50 members only admins may. */
  mentionAll?: boolean;
  /** At most 10 files of up to 25 MB. The text may then be empty. */
  files?: readonly NewFile[];
}

/**
 * Sends a message. If the server already has it, returns it as it is.
 * @throws ChatError
 */
export async function sendUnsent(connection: Connection, entry: Unsent): Promise<Message> {
  const { client_id, room_id, content, metadata, reply_to_id, forwarded_from_id, files = [] } = entry;
  const { mentions = [], mention_all = false } = entry;
  if (forwarded_from_id) {
    const args = { message_id: forwarded_from_id, target_room_id: room_id, client_id };
    return await callForMessage(connection, "forward_message", args);
  }
  const args = {
    room_id,
    content,
    client_id,
    metadata,
    ...(reply_to_id && { reply_to_id }),
    ...(files.length > 0 && { attachment_ids: files.map(({ id }) => id) }),
    ...(mention_all && { mention_all }),
  };
  try {
    return await callForMessage(
      connection,
      "send_message",
      mentions.length > 0 ? { ...args, mentions: [...mentions] } : args,
    );
  } catch (error) {
    // Somebody has left since the message was written: it still goes out, and mentions the others.
    if (!(error instanceof ChatError) || error.code !== "member_not_found" || mentions.length === 0) throw error;
    const call = connection.db.from("room_members").select("user_id").eq("room_id", room_id).in("user_id", [
      ...mentions,
    ]);
    const left = (await connection.call(call)).map(({ user_id }) => user_id);
    if (left.length >= new Set(mentions).size) throw error;
    return await sendUnsent(connection, { ...entry, mentions: left });
  }
}

/** Returns the list without a message. */
export const without = (list: readonly Unsent[], clientId: string) =>
  list.filter((each) => each.client_id !== clientId);
