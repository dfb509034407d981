import { z } from "@hono/zod-openapi";
import { Tokens } from "../_shared/accounts/account_fields.ts";
import { answeredId, time } from "../_shared/http/fields.ts";

/** The caller, who alone is ever shown: the address is their own. */
export const User = z.object({
  pk: answeredId(),
  email: z.string().openapi({ description: "Empty for an account without an email address." }),
  first_name: z.string(),
  last_name: z.string(),
}).openapi("User");

export const SignedIn = Tokens.extend({ user: User }).openapi("SignedIn");

export const Profile = z.object({
  id: answeredId(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  name: z.string().openapi({ description: "The first and last name." }),
  date_joined: time(),
}).openapi("Profile");

export const Conversation = z.object({
  id: z.guid(),
  title: z.string(),
  archived: z.boolean(),
  created_at: time(),
  updated_at: time(),
}).openapi("Conversation");

export const Message = z.object({
  id: answeredId(),
  conversation: z.guid(),
  role: z.string(),
  content: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  reply_to: answeredId().nullable().openapi({
    description: "The message that this one replies to, of the same conversation.",
  }),
  client_id: z.guid().nullable(),
  created_at: time(),
}).openapi("Message");

export const ConversationDetail = Conversation.extend({
  messages: z.array(Message).openapi({
    description:
      "Oldest first, the newest 1,000 or 8 MiB of text at most: where there are older ones, `Link` names their list.",
  }),
}).openapi("ConversationDetail");
