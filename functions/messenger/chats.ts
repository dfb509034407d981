import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, readAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam, isMissing, trimmedText } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { listResponse } from "../_shared/http/json_list.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { goesOn, requireCursor } from "../_shared/queries/room_lists.sql.ts";
import { chatStateRoutes } from "./chat_state.ts";
import { changeChat, createChat } from "./chat_writes.ts";
import { chatList, readChat, readChatList } from "./chats.sql.ts";
import { Chat, whoMay } from "./schemas.ts";

const tags = ["chats"];

const members = () => z.array(id()).max(1000).optional();

const NewChat = z.object({
  type: z.enum(["private", "group"]),
  name: trimmedText("rooms.name").nullable().optional().openapi({
    description: "Required for a group; a private chat has no name.",
  }),
  description: trimmedText("rooms.description").optional(),
  members: members().openapi({ description: "The other members; may include the caller." }),
  member_ids: members().openapi({ description: "The same as `members`." }),
  user_id: id().optional().openapi({ description: "The other member of a private chat, instead of `members`." }),
  client_id: clientIdField(),
}).refine((chat) => chat.members ?? chat.member_ids ?? chat.user_id, isMissing("members")).openapi("NewChat");

const ChatChange = z.object({
  name: trimmedText("rooms.name").nullable().optional().openapi({
    description: "The name of a group; a private chat has no name.",
  }),
  description: trimmedText("rooms.description").optional(),
  members: members().openapi({ description: "The new members, besides the caller. Others are removed." }),
  member_ids: members().openapi({ description: "The same as `members`." }),
  posting: whoMay().optional().openapi({ description: "Who writes, and edits what they have written." }),
  inviting: whoMay().optional().openapi({ description: "Who adds people." }),
  pinning: whoMay().optional().openapi({ description: "Who pins and unpins messages." }),
  locked: z.boolean().optional().openapi({ description: "Whether only admins write, edit, react and pin." }),
  locked_reason: trimmedText("rooms.locked_reason").optional().openapi({ description: "Empty: none." }),
  slow_mode_seconds: z.int().min(0).max(21_600).optional().openapi({
    description: "How long a member waits between two messages; 0 is not at all.",
  }),
}).openapi("ChatChange");

/** Chats: docs/apis/messenger.md#chats. */
export function chatRoutes(app: OpenAPIHono<Api>): void {
  chatListRoutes(app);
  oneChatRoutes(app);
  chatStateRoutes(app);
}

function chatListRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chats/",
      tags,
      summary: "List the caller's chats, most recently active first",
      request: { query: z.object({ limit: limit(), before: cursor() }) },
      responses: { 200: response(z.array(Chat), "Chats.") },
    }),
    async (c) => {
      const query = c.req.valid("query");
      const [rows] = await readAsUser(c.var.claims, (sql) => [chatList(sql, query)]);
      const list = readChatList(rows);
      if (list.length === 0) await requireCursor(c.var.claims, query.before);
      if (goesOn(list.length, list.selected, query)) linkNext(c, { before: list.lastId });
      return listResponse<z.infer<typeof Chat>>(c, list);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chats/",
      tags,
      summary: "Create a group, or a private chat with another user",
      request: { headers: idempotencyHeaders, body: body(NewChat) },
      responses: {
        201: response(Chat, "The new chat."),
        200: response(
          Chat,
          "The private chat that there was already, or the group made before with this client_id or Idempotency-Key.",
        ),
      },
    }),
    async (c) => {
      const { client_id, ...wanted } = c.req.valid("json");
      const key = clientId(c, client_id, c.var.claims.sub);
      const { chat, created } = await createChat(c.var.claims, { ...wanted, key });
      return c.json(chat, created ? 201 : 200);
    },
  );
}

function oneChatRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/",
      tags,
      summary: "Get a chat",
      request: { params: idParam },
      responses: { 200: response(Chat, "The chat.") },
    }),
    async (c) => c.json(await readChat(c.var.claims, c.req.valid("param").id), 200),
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/chats/{id}/",
        tags,
        summary: "Update a group, as its owner or an admin; members may add people where `inviting` is for everyone",
        request: { params: idParam, body: body(ChatChange) },
        responses: { 200: response(Chat, "The updated chat.") },
      }),
      async (c) => c.json(await changeChat(c.var.claims, c.req.valid("param").id, c.req.valid("json")), 200),
    );
  }

  app.openapi(
    route({
      method: "delete",
      path: "/api/chats/{id}/",
      tags,
      summary: "Delete a group as its owner, or a private chat as a member",
      request: { params: idParam },
      responses: { 204: { description: "Deleted." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.delete_room(${c.req.valid("param").id})`]);
      return c.body(null, 204);
    },
  );
}
