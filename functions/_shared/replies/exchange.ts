import { z } from "@hono/zod-openapi";
import { answeredId, time, writing } from "../http/fields.ts";
import { response } from "../http/routes.ts";

/** The text of a question to the assistant. */
export const question = () => writing("conversation_messages.content");

/** A question with the newest reply to it. */
export const Exchange = z.object({
  id: answeredId(),
  message: z.string(),
  response: z.string().nullable().openapi({ description: "null if there is no reply yet, or none was received." }),
  created_at: time(),
  metadata: z.record(z.string(), z.unknown()).openapi({
    description: "About the response: `responder` names the model, `partial` is true if the reply is incomplete.",
  }),
});
export type Exchange = z.infer<typeof Exchange>;

/**
 * What an API calls an exchange: the first event of a stream, a field of a reply and of a failure. Clients of
 * chat-sessions know it as `chat`.
 */
export type Noun = "chat" | "exchange";

/** The state of a reply. */
export const replyFields = {
  id: answeredId(),
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
};

/** The query of a route that streams a reply. */
export const StreamQuery = z.object({
  after: z.string().optional().openapi({
    description: "For a stream: the id of the last event that the client received.",
  }),
});

/** The description of routes that stream a reply. */
export const streamText = (noun: Noun, replyPath: string) =>
  `With \`Accept: text/event-stream\` the response is a stream of the events \`${noun}\`, \`delta\` and \`done\` or ` +
  "`error`. The reply is written and kept even if the connection is lost. To resume, a client passes the id of the " +
  `last event it received, in \`Last-Event-ID\` or \`after\`, to \`GET ${replyPath}\`.`;

/** The response of a route that streams or returns JSON. */
export function orStream<T extends z.ZodType>(schema: T, description: string) {
  const { content } = response(schema, description);
  return { description, content: { ...content, "text/event-stream": { schema: z.string() } } };
}

/** The response when the responder failed. */
export const failed = <T extends z.ZodType>(failure: T) =>
  response(failure, "The responder failed. The message is kept, with the part of the reply that was received.");
