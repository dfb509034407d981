import type { Database, Json } from "../connection/database.ts";
import type { Connection } from "../connection/connection.ts";

/** A message as events, `sync` and this SDK tell it. Design, section 2. */
export interface Message {
  id: number;
  room_id: number;
  /** Its place in the room: 1, 2, 3 … without holes. */
  seq: number;
  /** The version of the room at its last change. */
  version: number;
  /** `null` when the account is gone. */
  sender_id: string | null;
  sender_number: number | null;
  sender_username: string | null;
  /** Empty when deleted. */
  content: string;
  metadata: Json;
  reply_to_id: number | null;
  forwarded_from_id: number | null;
  /** Whose message was forwarded, and their username now; empty when it is not known any more. */
  forwarded_sender_id: string | null;
  forwarded_username: string | null;
  /** What the forwarded message said when it was forwarded. */
  forwarded_content: string | null;
  client_id: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
}

/** A message that the server has. */
export interface SentMessage extends Message {
  state: "sent";
  /** The same from the moment of sending on: for the `key` of a list. */
  key: string;
}

/** A message that waits in the queue, or that the server has refused. */
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

/** A row as the columns above give it. */
export interface MessageRow extends Omit<Message, "sender_number" | "sender_username" | "forwarded_username"> {
  sender: { number: number; username: string } | null;
  /** What the sender of the forwarded message is called now. */
  forwarded_name: string | null;
}

/** A row of the Data API in the shape of an event. */
export function fromRow({ sender, forwarded_name, ...row }: MessageRow): Message {
  const { number = null, username = null } = sender ?? {};
  // The id of an account that is gone stays for a while where it has sent very many messages.
  return {
    ...row,
    sender_id: sender && row.sender_id,
    forwarded_username: forwarded_name,
    sender_number: number,
    sender_username: username,
  };
}

/** The functions that answer the message they have made or changed. */
export type MessageFunction = "send_message" | "forward_message" | "edit_message" | "delete_message";

/**
 * The message that a function answers.
 * @throws ChatError
 */
export async function callForMessage<Name extends MessageFunction>(
  connection: Connection,
  name: Name,
  args: Database["chat"]["Functions"][Name]["Args"],
): Promise<Message> {
  return fromRow(await connection.call(connection.db.rpc(name, args).select(MESSAGE_COLUMNS)) as MessageRow);
}

/** The key of a message that was, or is being, sent with this client_id. */
export const messageKey = (senderId: string | null, clientId: string) => `${senderId}:${clientId}`;

/** A message of the server as a room shows it. */
export function toSentMessage(message: Message): SentMessage {
  const key = message.client_id ? messageKey(message.sender_id, message.client_id) : String(message.id);
  return { ...message, state: "sent", key };
}

/** The event that tells a message as it is now. */
export function eventOf({ deleted_at, edited_at }: Message): string {
  return deleted_at ? "message.deleted" : edited_at ? "message.updated" : "message.created";
}
