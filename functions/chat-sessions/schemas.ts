import { z } from "@hono/zod-openapi";
import { answeredId, filledText, time, writing } from "../_shared/http/fields.ts";
import { response } from "../_shared/http/routes.ts";

/** What is asked. */
export const question = () => writing("conversation_messages.content");

/** The title of a session. */
export const title = () => filledText("conversations.title");

export const Chat = z.object({
  id: answeredId(),
  message: z.string(),
  response: z.string().nullable().openapi({ description: "null if there is no reply yet, or none was received." }),
  created_at: time(),
  metadata: z.record(z.string(), z.unknown()).openapi({
    description: "About the response: `responder` names the model, `partial` is true if the reply is incomplete.",
  }),
}).openapi("Chat");

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
  id: answeredId(),
  chat: answeredId().openapi({ description: "The chat that this reply belongs to." }),
  state: z.enum(["running", "complete", "partial", "failed"]),
  reason: z.string().nullable().openapi({
    description:
      "Why the reply is incomplete: `cancelled`, `responder_failed`, `worker_ended` (the worker was shut down), " +
      "`worker_lost`, `length`, `content_filter`.",
  }),
  response: z.string().openapi({ description: "The text so far." }),
  cursor: z.string().openapi({ description: "The position of the text; pass it as `after` to stream what follows." }),
  created_at: time(),
  ended_at: time().nullable(),
}).openapi("Reply");

/** What routes that answer with a reply say of streams. */
export const STREAM =
  "With `Accept: text/event-stream` the response is a stream of the events `chat`, `delta` and `done` or `error`. The " +
  "reply is written and kept even if the connection is lost. To resume, a client passes the id of the last event it " +
  "received, in `Last-Event-ID` or `after`, to `GET …/chats/{chat_id}/reply/`.";

export const failed = response(
  Failure,
  "The responder failed. The message is kept, with the part of the reply that was received.",
);

/** A chat in JSON, or the stream. */
export function answered(description: string) {
  const stream = { "text/event-stream": { schema: z.string() } };
  const { content } = response(Chat, description);
  return { description, content: { ...content, ...stream } };
}

const sessionId = z.guid().openapi({ param: { name: "id", in: "path" } });

export const sessionParam = z.object({ id: sessionId });

export const chatParam = z.object({
  id: sessionId,
  chat_id: z.string().regex(/^\d{1,15}$/).transform(Number)
    .openapi({ param: { name: "chat_id", in: "path" }, type: "integer", format: "int64" }),
});
