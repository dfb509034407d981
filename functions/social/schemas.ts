import { z } from "@hono/zod-openapi";
import { attachmentsField } from "../_shared/files/attachments.ts";
import { answeredId, time } from "../_shared/http/fields.ts";
import { User } from "../_shared/queries/people.ts";

/** Where pictures are, under the address of this API. */
export const IMAGES = "/media/user_images/";
/** The picture of people who have chosen none. */
export const DEFAULT_IMAGE = `${IMAGES}default.jpg`;

export const Post = z.object({
  id: answeredId(),
  title: z.string(),
  content: z.string(),
  created_at: time(),
  author: z.string().openapi({ description: "The author's username." }),
}).openapi("Post");

export const Person = User.extend({
  profile: z.object({
    image: z.string().openapi({ description: "A URL, or a path on this API's host." }),
    bio: z.string(),
    friends: z.array(answeredId()),
  }),
  posts: z.array(Post).openapi({ description: "The newest 1,000, oldest first; `posts/?author=` lists all." }),
}).openapi("Person");

export const ChatRoom = z.object({
  id: answeredId(),
  name: z.string().openapi({
    description:
      "Names the room in addresses. Of two people: both usernames as they are now, in alphabetical order; another after a change of username.",
  }),
  members: z.array(answeredId()),
  display_name: z.string().openapi({ description: "The other person's username, or the name of a group." }),
}).openapi("ChatRoom");

/** Where files of messages are answered. */
export const FILES = "/messenger/api/attachments/";

export const Message = z.object({
  id: answeredId(),
  user: z.string().openapi({ description: "The sender's username; empty if the account was deleted." }),
  content: z.string(),
  timestamp: time(),
  seq: z.int().openapi({ description: "The message's number in the room: 1, 2, 3 …" }),
  version: z.int().openapi({ description: "The version of the room when the message last changed." }),
  client_id: z.guid().nullable(),
  attachments: attachmentsField(),
}).openapi("Message");

/** The answer to a change of friends. */
export const Done = z.object({ message: z.string() }).openapi("Done");
