import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../_shared/http/app.ts";
import { wantsStream } from "../_shared/http/event_stream.ts";
import { clientId, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { response, route } from "../_shared/http/routes.ts";
import { orStream, StreamQuery } from "../_shared/replies/exchange.ts";
import { readReply, regenerate, resume, stop } from "../_shared/replies/exchanges.ts";
import { readExchange } from "../_shared/replies/exchanges.sql.ts";
import { respondWithReply, streamReply } from "../_shared/replies/reply_stream.ts";
import { answered, Chat, chatParam, failed, Reply, STREAM } from "./schemas.ts";

const tags = ["chats"];

/** The types of routes know answers in JSON only. */
const stream = (response: Response) => response as never;

/** What else the assistant can be asked for: another reply, the rest of one, to follow it and to stop it. */
export function replyRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/regenerate/",
      tags,
      summary: "Regenerate the reply",
      description: STREAM,
      request: { params: chatParam, headers: idempotencyHeaders },
      responses: { 200: answered("The message with the new reply; or the stream."), 502: failed },
    }),
    async (c) => stream(await respondWithNew(c, c.req.valid("param"), regenerate)),
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/continue/",
      tags,
      summary: "Continue a partial reply",
      description: `The new reply starts with the text of the partial one. ${STREAM}`,
      request: { params: chatParam, headers: idempotencyHeaders },
      responses: { 200: answered("The message with the continued reply; or the stream."), 502: failed },
    }),
    async (c) => stream(await respondWithNew(c, c.req.valid("param"), resume)),
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/reply/",
      tags,
      summary: "Get the newest reply to a message, even while it is being written",
      description: STREAM,
      request: {
        params: chatParam,
        query: StreamQuery,
      },
      responses: {
        200: orStream(Reply, "The reply, or a stream of events."),
      },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      const exchange = await readExchange(c.var.claims, id, chat_id);
      const { id: replyId, ...reply } = await readReply(c, { conversationId: id, questionId: chat_id });
      if (wantsStream(c)) return stream(streamReply(c, { exchange, noun: "chat" }, replyId));
      return c.json({ id: replyId, chat: chat_id, ...reply }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/stop/",
      tags,
      summary: "Stop the reply, whichever device requested it",
      description: "The reply ends within a second and keeps the text so far. A reply that has ended does not change.",
      request: { params: chatParam },
      responses: { 200: response(Chat, "The message with the text of the reply that is kept.") },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      return c.json(await stop(c, { conversationId: id, questionId: chat_id }), 200);
    },
  );
}

async function respondWithNew(
  c: Context<Api>,
  { id, chat_id }: { id: string; chat_id: number },
  begin: typeof regenerate,
): Promise<Response> {
  const exchange = await readExchange(c.var.claims, id, chat_id);
  const replyId = await begin(c, id, exchange, clientId(c, null, c.var.claims.sub));
  return await respondWithReply(
    c,
    { exchange, noun: "chat" },
    replyId,
    ({ exchange, failure }) => failure ? c.json(failure, 502) : c.json(exchange, 200),
  );
}
