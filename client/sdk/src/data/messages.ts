import type { Database, Json } from "../contract/database.ts";
import type { Connection } from "../connection/connection.ts";

/** A message, in the shape of events, `sync` and this SDK. */
export interface Message {
  id: number;
  room_id: number;
  /** Position in the room: 1, 2, 3 … without gaps. */
  seq: number;
  /** The version of the room when the message last changed. */
  version: number;
  /** `null` if the account was deleted. */
  sender_id: string | null;
  sender_number: number | null;
  sender_username: string | null;
  /** Empty if the message was deleted. */
  content: string;
  metadata: Json;
  reply_to_id: number | null;
  forwarded_from_id: number | null;
  /** The author of the forwarded message, and their current username; `null` if no longer known. */
  forwarded_sender_id: string | null;
  forwarded_username: string | null;
  /** The text of the forwarded message when it was forwarded. */
  forwarded_content: string | null;
  client_id: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
}

/** A message that is stored on the server. */
export interface SentMessage extends Message {
  state: "sent";
  /** Stays the same from the moment of sending: use it as the `key` of a list. */
  key: string;
}

/** A message that waits in the outbox, or that the server refused. */
export interface QueuedMessage extends Omit<Message, "id" | "seq" | "client_id"> {
  state: "sending" | "failed";
  key: string;
  id: null;
  seq: null;
  /** For `retry` and `discard`. */
  client_id: string;
  /** Why it was refused: the code of a ChatError. */
  error?: string;
}

export type RoomMessage = SentMessage | QueuedMessage;

/** The columns of a message and its sender, for the Data API. */
export const MESSAGE_COLUMNS =
  "id,room_id,seq,version,sender_id,content,metadata,reply_to_id,forwarded_from_id,forwarded_sender_id," +
  "forwarded_name,forwarded_content,client_id,created_at,edited_at,deleted_at," +
  "sender:profiles(number,username)";

/** A row with the columns above. */
export interface MessageRow extends Omit<Message, "sender_number" | "sender_username" | "forwarded_username"> {
  sender: { number: number; username: string } | null;
  /** The current username of the forwarded message's author. */
  forwarded_name: string | null;
}

/** Converts a row of the Data API to the shape of an event. */
export function fromRow({ sender, forwarded_name, ...row }: MessageRow): Message {
  const { number = null, username = null } = sender ?? {};
  // The id of a deleted account remains for a while if it sent very many messages.
  return {
    ...row,
    sender_id: sender && row.sender_id,
    forwarded_username: forwarded_name,
    sender_number: number,
    sender_username: username,
  };
}

/** Functions that return the message they created or changed. */
export type MessageFunction = "send_message" | "forward_message" | "edit_message" | "delete_message";

/**
 * Calls a function and returns its message.
 * @throws ChatError
 */
export async function callForMessage<Name extends MessageFunction>(
  connection: Connection,
  name: Name,
  args: Database["chat"]["Functions"][Name]["Args"],
): Promise<Message> {
  return fromRow(await connection.call(connection.db.rpc(name, args).select(MESSAGE_COLUMNS)) as MessageRow);
}

/** The key of a message with this client_id, before and after it is stored. */
export const messageKey = (senderId: string | null, clientId: string) => `${senderId}:${clientId}`;

/** Converts a stored message to the form that rooms show. */
export function toSentMessage(message: Message): SentMessage {
  const key = message.client_id ? messageKey(message.sender_id, message.client_id) : String(message.id);
  return { ...message, state: "sent", key };
}

/** The event that announces the current state of a message. */
export function eventOf({ deleted_at, edited_at }: Message): string {
  return deleted_at ? "message.deleted" : edited_at ? "message.updated" : "message.created";
}
