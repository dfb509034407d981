import { z } from "@hono/zod-openapi";
import { answeredId, filledText, pathId, time } from "../_shared/http/fields.ts";
import * as replies from "../_shared/replies/exchange.ts";

/** The title of a session. */
export const title = () => filledText("conversations.title");

export const Chat = replies.Exchange.openapi("Chat");

export const Session = z.object({
  id: z.guid(),
  title: z.string(),
  created_at: time(),
  chats: z.array(Chat).openapi({ description: "The newest chats, oldest first: at most 1,000, and 1 MiB of text." }),
  has_more_chats: z.boolean().openapi({ description: "Older chats exist; the list of chats returns them." }),
  last_message: z.object({ message: z.string(), response: z.string().nullable(), created_at: time() }).nullable(),
}).openapi("Session");

export const Failure = z.object({ detail: z.string(), code: z.string(), chat: Chat }).openapi("ResponderFailure");

export const Reply = z.object({
  ...replies.replyFields,
  chat: answeredId().openapi({ description: "The chat that this reply belongs to." }),
}).openapi("Reply");

export const STREAM = replies.streamText("chat", "…/chats/{chat_id}/reply/");

export const failed = replies.failed(Failure);

/** A chat in JSON, or the stream. */
export const answered = (description: string) => replies.orStream(Chat, description);

const sessionId = z.guid().openapi({ param: { name: "id", in: "path" } });

export const sessionParam = z.object({ id: sessionId });

export const chatParam = z.object({
  id: sessionId,
  chat_id: pathId("chat_id"),
});
