import { z } from "@hono/zod-openapi";
import { Tokens } from "../_shared/accounts/account_fields.ts";
import { attachmentsField } from "../_shared/files/attachments.ts";
import { answeredId, time } from "../_shared/http/fields.ts";
import { User } from "../_shared/queries/people.ts";

/** The avatar of users who have not set one. */
export const PLACEHOLDER_AVATAR = "https://placehold.co/150x150";

/** The avatar to show: what other APIs keep as a path of their own is none here. */
export const avatarOf = (url: string | null) => url?.startsWith("http") ? url : PLACEHOLDER_AVATAR;

/** An answer that says what was done. */
export const Done = z.object({ message: z.string() }).openapi("Done");

export const SignedIn = Tokens.extend({ user: User, tokens: Tokens, message: z.string() }).openapi("SignedIn");

const status = { is_online: z.boolean(), last_seen: time().nullable(), avatar: z.url() };

export const Profile = User.extend({ date_joined: time(), profile: z.object(status) }).openapi("Profile");

export const Person = User.omit({ email: true }).extend({ full_name: z.string(), ...status }).openapi("Person");

export const OnlineUser = z.object({ user: User, ...status }).openapi("OnlineUser");

export const Room = z.object({
  id: answeredId(),
  name: z.string(),
  description: z.string(),
  created_at: time(),
  participants: z.array(User).openapi({
    description: "At most 100, including the caller; empty for a room that the caller has not joined.",
  }),
  participants_count: z.int().openapi({ description: "The number of all participants." }),
  is_direct: z.boolean(),
  is_public: z.boolean(),
  chat_type: z.enum(["direct", "group"]),
  other_participant: z.union([User, z.null()]).openapi({
    description: "The other person of a direct room; null in a group, and when the account was deleted.",
  }),
  unread_count: z.int().openapi({ description: "Messages of others that the caller has not read." }),
}).openapi("Room");

export const Participants = z.object({ room_id: answeredId(), participants: z.array(Person) }).openapi("Participants");

export const RoomRead = Done.extend({ room_id: answeredId() }).openapi("RoomRead");

/** Where mini-chat answers files. */
export const FILES = "/api/chat/attachments/";

const said = {
  id: answeredId(),
  content: z.string().openapi({ description: "Empty if the message was deleted." }),
  user: z.union([User, z.null()]).openapi({ description: "null if the account was deleted." }),
  timestamp: time(),
  is_read: z.boolean().openapi({
    description:
      "For the caller's own message: all other participants have read it. For others: the caller has read it.",
  }),
  seq: z.int().openapi({ description: "The message's number in the room: 1, 2, 3 … without gaps." }),
  client_id: z.guid().nullable(),
  is_edited: z.boolean(),
  is_deleted: z.boolean(),
  attachments: attachmentsField(),
};

export const HistoryMessage = z.object(said).openapi("HistoryMessage");

export const Message = z.object({ ...said, room: answeredId(), user_username: z.string() }).openapi("Message");

export const History = z.object({ room: Room, messages: z.array(HistoryMessage) }).openapi("History");
