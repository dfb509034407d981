import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/http/app.ts";
import { wantsStream } from "../_shared/http/event_stream.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { numberedPage } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { question } from "../_shared/replies/exchange.ts";
import { ask } from "../_shared/replies/exchanges.ts";
import { readExchange } from "../_shared/replies/exchanges.sql.ts";
import { type Outcome, respondWithReply, streamEnded } from "../_shared/replies/reply_stream.ts";
import { listChats } from "./chats.sql.ts";
import { numbered, PageQuery, requirePage } from "./pages.ts";
import { answered, Chat, chatParam, failed, sessionParam, STREAM } from "./schemas.ts";

const tags = ["chats"];

const NewChat = z.object({
  message: question(),
  client_id: clientIdField(),
}).openapi("NewChat");

/** The types of routes know answers in JSON only. */
const stream = (response: Response) => response as never;

/** Chats: docs/apis/chat-sessions.md#chats. */
export function chatRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/",
      tags,
      summary: "List the chats of a session, oldest first",
      request: { params: sessionParam, query: PageQuery },
      responses: { 200: response(numbered(Chat, "ChatPage"), "A page of 20 chats.") },
    }),
    async (c) => {
      const { page } = c.req.valid("query");
      const { count, chats } = await listChats(c.var.claims, c.req.valid("param").id, page);
      requirePage(page, count);
      return c.json(numberedPage(c, page, count, chats), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/",
      tags,
      summary: "Send a message and get the reply",
      description: STREAM,
      request: {
        params: sessionParam,
        headers: idempotencyHeaders,
        body: body(NewChat),
      },
      responses: {
        201: response(Chat, "The message with the reply."),
        200: answered("The chat, sent before with this client_id or Idempotency-Key; or the stream."),
        502: failed,
      },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const { message, client_id } = c.req.valid("json");
      const asked = await ask(c, id, message, clientId(c, client_id, c.var.claims.sub));
      const { exchange, isNew, replyId } = asked;
      const target = { exchange, noun: "chat" } as const;
      if (replyId === null) return wantsStream(c) ? stream(streamEnded(target)) : c.json(exchange, 200);
      const respond = ({ exchange, failure }: Outcome) =>
        failure ? c.json(failure, 502) : c.json(exchange, isNew ? 201 : 200);
      return stream(await respondWithReply(c, target, replyId, respond));
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/",
      tags,
      summary: "Get a chat",
      request: { params: chatParam },
      responses: { 200: response(Chat, "The chat.") },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      return c.json(await readExchange(c.var.claims, id, chat_id), 200);
    },
  );
}
