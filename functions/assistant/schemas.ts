import { z } from "@hono/zod-openapi";
import { answeredId, pathId } from "../_shared/http/fields.ts";
import * as replies from "../_shared/replies/exchange.ts";

export const Exchange = replies.Exchange.openapi("Exchange");

export const Reply = z.object({
  ...replies.replyFields,
  question: answeredId().openapi({ description: "The question that this reply belongs to." }),
}).openapi("Reply");

const Failure = z.object({ detail: z.string(), code: z.string(), exchange: Exchange }).openapi("ResponderFailure");

export const STREAM = replies.streamText("exchange", "…/questions/{question_id}/reply/");

export const failed = replies.failed(Failure);

/** An exchange in JSON, or the stream. */
export const exchangeOrStream = (description: string) => replies.orStream(Exchange, description);

/** A reply in JSON, or the stream. */
export const replyOrStream = (description: string) => replies.orStream(Reply, description);

const conversation_id = z.guid().openapi({
  param: { name: "conversation_id", in: "path" },
  description: "The id of the conversation.",
});

export const conversationParam = z.object({ conversation_id });

export const questionParam = z.object({
  conversation_id,
  question_id: pathId("question_id").openapi({ description: "The id of the question." }),
});
