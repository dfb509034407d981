import { z } from "@hono/zod-openapi";
import { answeredId, filledText, time, writing } from "../_shared/fields.ts";

/** What is asked. */
export const question = () => writing("conversation_messages.content");

/** The title of a session. */
export const title = () => filledText("conversations.title");

export const Chat = z.object({
  id: answeredId(),
  message: z.string(),
  response: z.string().nullable().openapi({ description: "null when there is none yet, or none came." }),
  created_at: time(),
  metadata: z.record(z.string(), z.unknown()).openapi({
    description: "Of the response: `responder` names who gave it, `partial` is true when it was cut short.",
  }),
}).openapi("Chat");

export const Session = z.object({
  id: z.guid(),
  title: z.string(),
  created_at: time(),
  chats: z.array(Chat).openapi({ description: "The newest, oldest first: 1,000 at most, and 1 MiB of text." }),
  has_more_chats: z.boolean().openapi({ description: "There are older chats, which only the list of chats shows." }),
  last_message: z.object({ message: z.string(), response: z.string().nullable(), created_at: time() }).nullable(),
}).openapi("Session");

export const Failure = z.object({ detail: z.string(), code: z.string(), chat: Chat }).openapi("ResponderFailure");

const sessionId = z.guid().openapi({ param: { name: "id", in: "path" } });

export const sessionParam = z.object({ id: sessionId });

export const chatParam = z.object({
  id: sessionId,
  chat_id: z.string().regex(/^\d{1,15}$/).transform(Number)
    .openapi({ param: { name: "chat_id", in: "path" }, type: "integer", format: "int64" }),
});
