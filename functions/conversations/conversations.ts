import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/http/app.ts";
import { filledText, text } from "../_shared/http/fields.ts";
import { limit, linkNext, MAX_ROWS } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { outerAddress } from "../_shared/network/address.ts";
import { createConversation, deleteConversation } from "../_shared/queries/conversations.sql.ts";
import { listConversations, readConversation, updateConversation } from "./conversations.sql.ts";
import { nextPage } from "./pages.ts";
import { Conversation, ConversationDetail } from "./schemas.ts";

const tags = ["conversations"];

/** The uuid of a path. */
export const conversationParam = z.object({
  id: z.guid().openapi({ param: { name: "id", in: "path" } }),
});

const ListQuery = z.object({
  archived: z.enum(["true", "false"]).transform((value) => value === "true").optional()
    .openapi({ type: "boolean", description: "Returns only archived conversations, or only others; by default all." }),
  search: text().transform((value) => value.trim() || undefined).optional()
    .openapi({
      type: "string",
      description: "Returns conversations whose title contains this text of up to 200 characters.",
    }),
  limit: limit(),
  before: z.guid().optional().openapi({
    description: "The id of a conversation; returns those that follow it in the list.",
  }),
});

const NewConversation = z.object({ title: filledText("conversations.title").nullable().optional() }).openapi(
  "NewConversation",
);

const ConversationChange = z.object({
  title: filledText("conversations.title").optional(),
  archived: z.boolean().optional(),
}).openapi("ConversationChange");

/** Conversations: docs/apis/conversations.md#conversations. */
export function conversationRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/conversations/",
      tags,
      summary: "List the caller's conversations, newest first",
      request: { query: ListQuery },
      responses: { 200: response(z.array(Conversation), "Conversations.") },
    }),
    async (c) => {
      const query = c.req.valid("query");
      const conversations = await listConversations(c.var.claims, query);
      if (conversations.length === query.limit) linkNext(c, { before: conversations.at(-1)!.id });
      return c.json(conversations, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/conversations/",
      tags,
      summary: "Create a conversation",
      request: { body: { ...body(NewConversation), required: false } },
      responses: { 201: response(Conversation, "The new conversation.") },
    }),
    async (c) => c.json(await createConversation(c.var.claims, c.req.valid("json").title), 201),
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chat/conversations/{id}/",
      tags,
      summary: "Get a conversation with its newest messages, oldest first",
      request: { params: conversationParam },
      responses: { 200: response(ConversationDetail, "The conversation.") },
    }),
    async (c) => {
      const newest = { limit: MAX_ROWS };
      const conversation = await readConversation(c.var.claims, c.req.valid("param").id, newest);
      const older = nextPage(conversation.messages, newest) as { before: number } | undefined;
      if (older) {
        const { origin, prefix } = outerAddress(c);
        c.header("Link", `<${origin}${prefix}${c.req.path}messages/?before=${older.before}>; rel="next"`);
      }
      return c.json(conversation, 200);
    },
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/chat/conversations/{id}/",
        tags,
        summary: "Rename or archive a conversation",
        request: { params: conversationParam, body: body(ConversationChange) },
        responses: { 200: response(Conversation, "The updated conversation.") },
      }),
      async (c) => c.json(await updateConversation(c.var.claims, c.req.valid("param").id, c.req.valid("json")), 200),
    );
  }

  app.openapi(
    route({
      method: "delete",
      path: "/api/chat/conversations/{id}/",
      tags,
      summary: "Delete a conversation and its messages",
      request: { params: conversationParam },
      responses: { 204: { description: "Deleted." } },
    }),
    async (c) => {
      await deleteConversation(c.var.claims, c.req.valid("param").id);
      return c.body(null, 204);
    },
  );
}
