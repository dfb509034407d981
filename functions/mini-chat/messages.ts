import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, readAsUser } from "../_shared/db/db.ts";
import { attachmentRoute } from "../_shared/files/attachment_route.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam, writing } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { sayLimit } from "../_shared/http/limit_headers.ts";
import { cursor, limit } from "../_shared/http/pagination.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { bytesOf, linkNextMessages, messagePage } from "../_shared/queries/room_messages.sql.ts";
import { requireSent } from "../_shared/queries/held.ts";
import { listAll, markRows, readUpTo, requireMember, saidRows, toHistoryMessage, toMessage } from "./messages.sql.ts";
import { touch } from "./presence.ts";
import { found, oneRoom, roomRows } from "./rooms.sql.ts";
import { FILES, History, Message } from "./schemas.ts";

const tags = ["chat"];

const NewMessage = z.object({
  room: id(),
  content: writing("messages.content"),
  client_id: clientIdField(),
}).openapi("NewMessage");

const cursors = { limit: limit(), before: cursor(), after: cursor() };

/** Messages: docs/apis/mini-chat.md#messages. */
export function messageRoutes(app: OpenAPIHono<Api>): void {
  historyRoute(app);
  listRoute(app);
  sendRoute(app);
  attachmentRoute(app, FILES, "chat");
}

function historyRoute(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/rooms/{id}/history/",
      tags,
      summary: "Get a room and its messages, oldest first, and mark them as read; without a cursor, the newest page",
      request: { params: idParam, query: z.object(cursors) },
      responses: { 200: response(History, "The room and its messages.") },
    }),
    async (c) => {
      const room = c.req.valid("param").id;
      const page = { room, ...c.req.valid("query") };
      const [, , [shown], rows, [marks]] = await readAsUser(c.var.claims, (sql) => [
        touch(sql),
        readUpTo(sql, page),
        roomRows(sql, oneRoom(sql, room)),
        saidRows(sql, messagePage(sql, page)),
        markRows(sql, room),
      ]);
      if (!marks) await requireMember(c.var.claims, room);
      linkNextMessages(c, page, rows, bytesOf(rows));
      return c.json({ room: found(shown), messages: rows.map((row) => toHistoryMessage(row, marks)) }, 200);
    },
  );
}

function listRoute(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/messages/",
      tags,
      summary: "List messages of a room, or of all the caller's rooms, oldest first; without a cursor, the newest page",
      request: { query: z.object({ room: id().optional(), ...cursors }) },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const { room, ...all } = c.req.valid("query");
      if (room === undefined) {
        const messages = await listAll(c.var.claims, all);
        linkNextMessages(c, all, messages, bytesOf(messages));
        return c.json(messages, 200);
      }
      const page = { room, ...all };
      const [, rows, [marks]] = await readAsUser(c.var.claims, (sql) => [
        touch(sql),
        saidRows(sql, messagePage(sql, page)),
        markRows(sql, page.room),
      ]);
      if (!marks) await requireMember(c.var.claims, page.room);
      linkNextMessages(c, page, rows, bytesOf(rows));
      return c.json(rows.map((row) => toMessage(row, marks)), 200);
    },
  );
}

function sendRoute(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/chat/messages/",
      tags,
      summary: "Send a message",
      request: { headers: idempotencyHeaders, body: body(NewMessage) },
      responses: createdOnce(Message, "message"),
    }),
    async (c) => {
      const { room, content, client_id } = c.req.valid("json");
      const key = clientId(c, client_id, c.var.claims.sub);
      const [, [row]] = await asUser(c.var.claims, (sql) => [
        touch(sql),
        saidRows(sql, sql`select * from chat.send_message(${room}, ${content}, ${key})`),
      ]);
      const sent = requireSent(row);
      if (sent.created) {
        sayLimit(c, "send_message", sent.drawn);
        return c.json(toMessage(sent), 201);
      }
      const [[marks]] = await asUser(c.var.claims, (sql) => [markRows(sql, room)]);
      return c.json(toMessage(sent, marks), 200);
    },
  );
}
