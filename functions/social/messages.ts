import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, readAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { attachmentRoute } from "../_shared/files/attachment_route.ts";
import { shownAttachments } from "../_shared/files/attachments.ts";
import { text, writing } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { sayLimit } from "../_shared/http/limit_headers.ts";
import { cursor, limit } from "../_shared/http/pagination.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { requireSent } from "../_shared/queries/held.ts";
import {
  bytesOf,
  linkNextMessages,
  messagePage,
  type MessageRow,
  messageRows,
} from "../_shared/queries/room_messages.sql.ts";
import { roomNamed } from "./rooms.sql.ts";
import { FILES, Message } from "./schemas.ts";

const PATH = "/messenger/api/chatrooms/{room_name}/messages/";
const tags = ["messages"];
const params = z.object({ room_name: text().openapi({ param: { name: "room_name", in: "path" } }) });

const NewMessage = z.object({
  content: writing("messages.content"),
  client_id: clientIdField(),
}).openapi("NewMessage");

/** Messages: docs/apis/social.md#messages. */
export function messageRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: PATH,
      tags,
      summary: "List messages of a chat room, oldest first; without a cursor, the newest page",
      request: { params, query: z.object({ limit: limit(), before: cursor(), after: cursor() }) },
      responses: { 200: response(z.array(Message), "Messages, without deleted ones.") },
    }),
    async (c) => {
      const query = c.req.valid("query");
      const [rooms, rows] = await readAsUser(c.var.claims, (sql) => {
        const room = () => roomNamed(sql, c.req.valid("param").room_name);
        const page = () => ({ ...query, room: sql`(${room()})` });
        return [room(), messageRows(sql, messagePage(sql, page()))];
      });
      if (rooms.length === 0) throw notFound("room_not_found");
      linkNextMessages(c, query, rows, bytesOf(rows));
      return c.json(rows.filter(({ deleted_at }) => deleted_at === null).map(toMessage), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: PATH,
      tags,
      summary: "Send a message",
      request: {
        params,
        headers: idempotencyHeaders,
        body: body(NewMessage),
      },
      responses: createdOnce(Message, "message"),
    }),
    async (c) => {
      const { content, client_id } = c.req.valid("json");
      const key = clientId(c, client_id, c.var.claims.sub);
      // The room as an argument: joined to it, the function might be called once for each row that the join tries.
      const [[row]] = await asUser(c.var.claims, (sql) => {
        const room = roomNamed(sql, c.req.valid("param").room_name);
        return [messageRows(sql, sql`select * from chat.send_message((${room}), ${content}, ${key})`)];
      });
      const sent = requireSent(row);
      if (!sent.created) return c.json(toMessage(sent), 200);
      sayLimit(c, "send_message", sent.drawn);
      return c.json(toMessage(sent), 201);
    },
  );
  attachmentRoute(app, FILES, "messages");
}

/** A message as the API shows it. */
export const toMessage = (row: MessageRow): z.infer<typeof Message> => ({
  id: row.id,
  user: row.sender_username ?? "",
  content: row.content,
  timestamp: row.created_at,
  seq: row.seq,
  version: row.version,
  client_id: row.client_id,
  attachments: shownAttachments(row.attachments, FILES),
});
