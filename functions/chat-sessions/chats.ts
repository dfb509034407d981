import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/idempotency.ts";
import { numberedPage } from "../_shared/pagination.ts";
import { answer, body, route } from "../_shared/routes.ts";
import { createChat, listChats, readChat } from "./chats.sql.ts";
import { wantsStream } from "./event-stream.ts";
import { numbered, PageQuery, requirePage } from "./pages.ts";
import { completeReply, streamChat, streamReply } from "./replies.ts";
import { Chat, chatParam, Failure, question, sessionParam } from "./schemas.ts";

const tags = ["chats"];

const NewChat = z.object({
  message: question(),
  client_id: clientIdField(),
}).openapi("NewChat");

const KINDS =
  "With `Accept: text/event-stream` the answer is a stream of the events `chat`, `delta` and `done` or `error`.";
const failed = answer(Failure, "The responder failed; the message is kept, and as much of the reply as came.");

const answered = (description: string) => {
  const stream = { "text/event-stream": { schema: z.string() } };
  const { content } = answer(Chat, description);
  return { description, content: { ...content, ...stream } };
};

/** The types of routes know answers in JSON only. */
const stream = (response: Response) => response as never;

/** Section "Chat API" of the document, of chats. */
export function chatRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/",
      tags,
      summary: "The chats of a session, oldest first",
      request: { params: sessionParam, query: PageQuery },
      responses: { 200: answer(numbered(Chat, "ChatPage"), "A page of 20 chats.") },
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
      summary: "Send a message, and get the reply",
      description: KINDS,
      request: {
        params: sessionParam,
        headers: idempotencyHeaders,
        body: body(NewChat),
      },
      responses: {
        201: answer(Chat, "The message with the reply."),
        200: answered("The chat, sent before with this client_id or Idempotency-Key; or the stream."),
        502: failed,
      },
    }),
    async (c) => {
      const { claims } = c.var;
      const { id } = c.req.valid("param");
      const { message, client_id } = c.req.valid("json");
      const { chat, isNew } = await createChat(claims, id, message, clientId(c, client_id, claims.sub));
      if (wantsStream(c)) return stream(isNew ? streamReply(c, id, chat) : streamChat(chat));
      return isNew ? c.json(await completeReply(c, id, chat), 201) : c.json(chat, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/",
      tags,
      summary: "A chat",
      request: { params: chatParam },
      responses: { 200: answer(Chat, "The chat.") },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      return c.json(await readChat(c.var.claims, id, chat_id), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/chat/sessions/{id}/chats/{chat_id}/regenerate/",
      tags,
      summary: "Get another reply to a message, or one at last",
      description: KINDS,
      request: { params: chatParam },
      responses: { 200: answered("The message with the new reply; or the stream."), 502: failed },
    }),
    async (c) => {
      const { id, chat_id } = c.req.valid("param");
      const chat = await readChat(c.var.claims, id, chat_id);
      if (wantsStream(c)) return stream(streamReply(c, id, chat));
      return c.json(await completeReply(c, id, chat), 200);
    },
  );
}
