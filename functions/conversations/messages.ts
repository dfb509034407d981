import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam, trimmedText, writing } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { sayLimit } from "../_shared/http/limit_headers.ts";
import { linkNext } from "../_shared/http/pagination.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { conversationParam } from "./conversations.ts";
import { addMessage, listAll, listOf, type Message as MessageRow, readMessage } from "./messages.sql.ts";
import { metadata } from "./metadata.ts";
import { nextPage, type Page, PageQuery } from "./pages.ts";
import { Message } from "./schemas.ts";

const tags = ["messages"];

const NewMessage = z.object({
  role: trimmedText("conversation_messages.role").min(1).openapi({
    description: "Any text of up to 20 characters: user, assistant, system, tool …",
  }),
  content: writing("conversation_messages.content"),
  metadata: metadata().nullable().optional(),
  reply_to: id().nullable().optional().openapi({
    description: "The message that this one replies to, of the same conversation.",
  }),
  client_id: clientIdField(),
}).openapi("NewMessage");

/** Answers a page, and names the next one in the direction in which the list is read. */
function answerPage(c: Context, page: Page, messages: MessageRow[]) {
  const next = nextPage(messages, page);
  if (next) linkNext(c, next);
  return messages;
}

/** Messages: docs/apis/conversations.md#messages. */
export function messageRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/conversations/{id}/messages/",
      tags,
      summary: "List messages of a conversation, oldest first; without a cursor, the newest page",
      request: { params: conversationParam, query: PageQuery },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      const messages = await listOf(c.var.claims, c.req.valid("param").id, page);
      return c.json(answerPage(c, page, messages), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/conversations/{id}/messages/",
      tags,
      summary: "Add a message to a conversation",
      request: {
        params: conversationParam,
        headers: idempotencyHeaders,
        body: body(NewMessage),
      },
      responses: createdOnce(Message, "message"),
    }),
    async (c) => {
      const { role, content, metadata, reply_to = null, client_id } = c.req.valid("json");
      const { message, isNew, drawn } = await addMessage(c.var.claims, c.req.valid("param").id, {
        role,
        content,
        metadata: metadata ?? {},
        reply_to,
        client_id: clientId(c, client_id, c.var.claims.sub),
      });
      if (!isNew) return c.json(message, 200);
      sayLimit(c, "send_message", drawn);
      return c.json(message, 201);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chat/messages/",
      tags,
      summary: "List messages of all the caller's conversations, oldest first; without a cursor, the newest page",
      request: { query: PageQuery },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      return c.json(answerPage(c, page, await listAll(c.var.claims, page)), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chat/messages/{id}/",
      tags,
      summary: "Get a message",
      request: { params: idParam },
      responses: { 200: response(Message, "The message.") },
    }),
    async (c) => c.json(await readMessage(c.var.claims, c.req.valid("param").id), 200),
  );
}
