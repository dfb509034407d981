import type { Connection } from "../connection/connection.ts";
import type { Database } from "../contract/database.ts";
import type { Change } from "../contract/events.ts";
import type { Message } from "../contract/message.ts";

export type { Message };

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
export const MESSAGE_COLUMNS = "*,forwarded_name,sender:profiles(number,username)";

/** A row with the columns above. */
export interface MessageRow extends Omit<Message, "sender_number" | "sender_username"> {
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

/** The message that a change is about, if any. */
export const messageOf = (change: Change): Message | undefined => "message" in change ? change.message : undefined;

/** The change of a room that announces the current state of a message. */
export function changeOf(message: Message): Change {
  const { room_id, version, deleted_at, edited_at } = message;
  const event = deleted_at ? "message.deleted" : edited_at ? "message.updated" : "message.created";
  return { event, room_id, version, message };
}
