import type { Json } from "./database.ts";

/** A file of a message, at its path in the bucket `chat-files` of Storage. */
export interface Attachment {
  id: string;
  path: string;
  name: string;
  mime_type: string;
  bytes: number;
  /** Of a picture or a video, in pixels; `null` if it was not given. */
  width: number | null;
  height: number | null;
  /** Of a sound or a video; `null` if it was not given. */
  duration_ms: number | null;
}

/** A person whom a message mentions. */
export interface Mention {
  user_id: string;
  /** The integer id of the REST APIs. */
  number: number;
  /** The username that the text has after an `@`. The person may have another one by now. */
  name: string;
}

/** A message, in the shape of events, `sync` and this SDK: the columns of `chat.messages`, and its sender. */
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
  /** How many people have reacted with each emoji: `{"👍": 2}`. */
  reactions: Record<string, number>;
  /** The version of the room when the reactions last changed. */
  reactions_version: number | null;
  /** Empty if the message was deleted. */
  attachments: readonly Attachment[];
  /** Empty if the message was deleted. */
  mentions: readonly Mention[];
  /** Whether it mentions all members of the room. */
  mentions_all: boolean;
}
