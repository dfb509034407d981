import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../_shared/http/app.ts";
import { wantsStream } from "../_shared/http/event_stream.ts";
import { response, route } from "../_shared/http/routes.ts";
import { StreamQuery } from "../_shared/replies/exchange.ts";
import { readReply, stop } from "../_shared/replies/exchanges.ts";
import { readExchange } from "../_shared/replies/exchanges.sql.ts";
import { type Place, runningQuestion } from "../_shared/replies/replies.sql.ts";
import { streamReply } from "../_shared/replies/reply_stream.ts";
import { conversationParam, Exchange, questionParam, replyOrStream, STREAM } from "./schemas.ts";

const tags = ["replies"];

/** Replies, while they are written and afterwards: docs/apis/assistant.md#replies. */
export function replyRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/conversations/{conversation_id}/running-reply/",
      tags,
      summary: "Get the reply that is being written in a conversation",
      description: STREAM,
      request: { params: conversationParam, query: StreamQuery },
      responses: {
        200: replyOrStream("The reply, or a stream of events."),
        204: { description: "No reply is being written." },
      },
    }),
    async (c) => {
      const { conversation_id } = c.req.valid("param");
      const questionId = await runningQuestion(c.var.claims, conversation_id);
      if (questionId === undefined) return c.body(null, 204);
      return await showReply(c, { conversationId: conversation_id, questionId });
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/conversations/{conversation_id}/questions/{question_id}/reply/",
      tags,
      summary: "Get the newest reply to a question, even while it is being written",
      description: STREAM,
      request: { params: questionParam, query: StreamQuery },
      responses: { 200: replyOrStream("The reply, or a stream of events.") },
    }),
    async (c) => {
      const { conversation_id, question_id } = c.req.valid("param");
      return await showReply(c, { conversationId: conversation_id, questionId: question_id });
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/conversations/{conversation_id}/questions/{question_id}/stop/",
      tags,
      summary: "Stop the reply, whichever device requested it",
      description: "The reply ends within a second and keeps the text so far. A reply that has ended does not change.",
      request: { params: questionParam },
      responses: { 200: response(Exchange, "The question with the text of the reply that is kept.") },
    }),
    async (c) => {
      const { conversation_id, question_id } = c.req.valid("param");
      return c.json(await stop(c, { conversationId: conversation_id, questionId: question_id }), 200);
    },
  );
}

/** Returns a reply as JSON, or streams it. */
async function showReply(c: Context<Api>, place: Place): Promise<never> {
  const exchange = await readExchange(c.var.claims, place.conversationId, place.questionId);
  const reply = await readReply(c, place);
  // The types of routes know JSON responses only.
  if (wantsStream(c)) return streamReply(c, { exchange, noun: "exchange" }, reply.id) as never;
  return c.json({ ...reply, question: place.questionId }, 200) as never;
}
