import { z } from "@hono/zod-openapi";
import { Tokens } from "../_shared/accounts/account_fields.ts";
import { attachmentsField } from "../_shared/files/attachments.ts";
import { answeredId, time } from "../_shared/http/fields.ts";
import { User } from "../_shared/queries/people.ts";
import { personField } from "./people.sql.ts";

/** Where the messenger answers files. */
export const FILES = "/api/attachments/";

const UserStatus = z.object({ is_online: z.boolean(), last_seen: time().nullable() }).openapi("UserStatus");

export const UserWithStatus = User.extend({
  ...UserStatus.shape,
  status: UserStatus.openapi({ description: "The same values as the fields above." }),
}).openapi("UserWithStatus");

export const Registered = Tokens.extend({ user: User }).openapi("Registered");

/** Whom a switch of a group permits something. */
export const whoMay = () => z.enum(["everyone", "admins"]);

export const Chat = z.object({
  id: answeredId(),
  type: z.enum(["private", "group"]),
  name: z.string().openapi({ description: "The name of the group, or the other user's username." }),
  description: z.string(),
  avatar_url: z.string().nullable().openapi({ description: "The picture of a group." }),
  members: z.array(personField()),
  members_count: z.int(),
  unread_count: z.int(),
  mention_count: z.int().openapi({ description: "How many of the unread messages mention the caller." }),
  last_read_message_id: answeredId().nullable().openapi({ description: "null if the caller has read nothing." }),
  last_message: z.object({ id: answeredId(), text: z.string(), created_at: time() }).nullable(),
  last_seq: z.int(),
  version: z.int(),
  created_at: time(),
  posting: whoMay().openapi({ description: "Who writes, and edits what they have written." }),
  inviting: whoMay().openapi({ description: "Who adds people." }),
  pinning: whoMay().openapi({ description: "Who pins and unpins messages." }),
  locked_at: time().nullable().openapi({ description: "Since when only admins write, edit, react and pin." }),
  locked_reason: z.string().nullable(),
  slow_mode_seconds: z.int().openapi({ description: "How long a member waits between two messages; 0 is not at all." }),
}).openapi("Chat");

const Status = z.object({
  user: answeredId(),
  username: z.string(),
  delivered: z.boolean(),
  read: z.boolean(),
  delivered_at: time().nullable(),
  read_at: time().nullable(),
}).openapi("MessageStatus");

const Reactions = z.object({
  emoji: z.string(),
  count: z.int(),
  reacted: z.boolean().openapi({ description: "Whether the caller is one of them." }),
}).openapi("MessageReactions");

const Mention = z.object({
  user: answeredId(),
  name: z.string().openapi({
    description: "The username that the text has after an @; the user may have another one by now.",
  }),
}).openapi("Mention");

export const Message = z.object({
  id: answeredId(),
  chat: answeredId(),
  seq: z.int().openapi({ description: "The message's number in the chat: 1, 2, 3 … without gaps." }),
  version: z.int().openapi({ description: "The version of the chat when the message last changed." }),
  sender: answeredId().nullable().openapi({ description: "null if the account was deleted." }),
  sender_username: z.string(),
  text: z.string().openapi({ description: "Empty if the message was deleted." }),
  reply_to: answeredId().nullable().openapi({ description: "The message that this one replies to, of the same chat." }),
  forwarded_from: answeredId().nullable(),
  forwarded_from_username: z.string().nullable(),
  client_id: z.guid().nullable(),
  is_edited: z.boolean(),
  edited_at: time().nullable(),
  is_deleted: z.boolean(),
  created_at: time(),
  statuses: z.array(Status).openapi({
    description: "Delivery to the other members; empty in chats of more than 20 members.",
  }),
  delivered_count: z.int(),
  read_count: z.int(),
  reactions: z.array(Reactions).openapi({
    description: "How many people have reacted with each emoji, the most first.",
  }),
  attachments: attachmentsField(),
  mentions: z.array(Mention).openapi({ description: "Whom the message mentions." }),
  mention_all: z.boolean().openapi({ description: "Whether it mentions everyone in the chat." }),
}).openapi("Message");

export const Pin = z.object({
  id: answeredId(),
  chat: answeredId(),
  message: Message,
  pinned_by: answeredId().nullable(),
  pinned_by_username: z.string(),
  pinned_at: time(),
}).openapi("PinnedMessage");
