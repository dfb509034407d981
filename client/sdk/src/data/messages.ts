import type { Connection } from "../connection/connection.ts";
import type { Database } from "../contract/database.ts";
import type { Change } from "../contract/events.ts";
import type { QueuedFile } from "../files/new_file.ts";
import type { Message as Announced } from "../contract/message.ts";
import { ChatError } from "../util/errors.ts";

/** A message as events announce it, or as it was read. */
export interface Message extends Announced {
  /** The caller's own reactions, oldest first. Events, and results of a search, leave them out. */
  own_reactions?: readonly string[];
}

/** A message that is stored on the server. */
export interface SentMessage extends Message {
  state: "sent";
  /** The emoji that the caller has put on it, oldest first. */
  own_reactions: readonly string[];
  /** Stays the same from the moment of sending: use it as the `key` of a list. */
  key: string;
}

/** A message that waits in the outbox, or that the server refused. */
export interface QueuedMessage extends Omit<Message, "id" | "seq" | "client_id" | "own_reactions" | "attachments"> {
  /** One that is `held` waits for a moderator, and comes as a message when one approves. */
  state: "sending" | "held" | "failed";
  key: string;
  id: null;
  seq: null;
  own_reactions: readonly string[];
  /** With the progress of each. */
  attachments: readonly QueuedFile[];
  /** For `retry` and `discard`. */
  client_id: string;
  /** Why it was refused: the code of a ChatError. */
  error?: string;
}

export type RoomMessage = SentMessage | QueuedMessage;

/** The columns of a message and its sender, for the Data API. */
export const MESSAGE_COLUMNS = "*,forwarded_name,own_reactions,sender:profiles(number,username)";

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
export type MessageFunction =
  | "send_message"
  | "forward_message"
  | "edit_message"
  | "delete_message"
  | "react"
  | "unreact";

/**
 * Calls a function and returns its message.
 * @throws ChatError
 */
export async function callForMessage<Name extends MessageFunction>(
  connection: Connection,
  name: Name,
  args: Database["chat"]["Functions"][Name]["Args"],
): Promise<Message> {
  const row = await connection.call(connection.db.rpc(name, args).select(MESSAGE_COLUMNS)) as MessageRow;
  // A word rule holds it: it waits for a moderator, and is no message yet.
  if (row.seq === 0) throw new ChatError("message_held", 403);
  return fromRow(row);
}

/** The key of a message with this client_id, before and after it is stored. */
export const messageKey = (senderId: string | null, clientId: string) => `${senderId}:${clientId}`;

/** Converts a stored message to the form that rooms show. */
export function toSentMessage(message: Message): SentMessage {
  const key = message.client_id ? messageKey(message.sender_id, message.client_id) : String(message.id);
  // A server of an earlier release has neither attachments nor mentions.
  const { attachments = [], own_reactions = [], mentions = [], mentions_all = false } = message;
  return { ...message, attachments, own_reactions, mentions, mentions_all, state: "sent", key };
}

/**
 * Returns a message as it is now, given two states of it. Its text and its reactions have versions of their own.
 * @returns `held` itself if the other state has nothing newer
 */
export function newest<Held extends Message>(held: Held, other: Message): Held {
  const said = other.version > held.version ? other : held;
  // A tombstone has no reactions, and no version of them.
  if (said.deleted_at) return said === held ? held : { ...held, ...other, own_reactions: [] };
  const [before, after] = [held.reactions_version ?? 0, other.reactions_version ?? 0];
  const own = after >= before ? other.own_reactions ?? held.own_reactions : held.own_reactions;
  if (said === held && after <= before && sameList(own, held.own_reactions)) return held;
  const { reactions, reactions_version } = after > before ? other : held;
  return { ...held, ...said, reactions, reactions_version, ...(own && { own_reactions: own }) };
}

const sameList = (one: readonly string[] = [], other: readonly string[] = []) => one.join() === other.join();

/** Whether a message mentions a person other than its sender. */
export const isMentioning = ({ sender_id, mentions = [], mentions_all }: Message, userId: string) =>
  sender_id !== userId && (mentions_all || mentions.some(({ user_id }) => user_id === userId));

/** The message that a change is about, if any. */
export const messageOf = (change: Change): Message | undefined => "message" in change ? change.message : undefined;

/** The change of a room that announces the current state of a message. */
export function changeOf(message: Message): Change {
  const { room_id, version, deleted_at, edited_at } = message;
  const event = deleted_at ? "message.deleted" : edited_at ? "message.updated" : "message.created";
  return { event, room_id, version, message };
}
