import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { asUser } from "../_shared/db.ts";
import { id, text } from "../_shared/fields.ts";
import { cursor, limit, linkNext } from "../_shared/pagination.ts";
import { linkNextMessages, messagePage, messageRows, senderLeft } from "../_shared/room-messages.sql.ts";
import { answer, route } from "../_shared/routes.ts";
import { requireChat } from "./chats.sql.ts";
import { Message } from "./schemas.ts";
import { idArray, markRows, toMessages } from "./statuses.ts";

const tags = ["messages"];

const HistoryQuery = z.object({ chat: id(), limit: limit(), before: cursor(), after: cursor() });

/** Listing and searching of the section "Сообщения". */
export function messageListRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/messages/",
      tags,
      summary: "Messages of a chat, oldest first; without a cursor the newest page",
      request: { query: HistoryQuery },
      responses: { 200: answer(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const { chat: room, ...cursors } = c.req.valid("query");
      const page = { room, ...cursors };
      const [rows, marks] = await asUser(c.var.claims, (sql) => [
        messageRows(sql, messagePage(sql, page), sql`page.seq`, senderLeft(sql)),
        markRows(sql, sql`select ${room}::bigint`),
      ]);
      if (rows.length === 0) await requireChat(c.var.claims, room);
      linkNextMessages(c, page, rows);
      return c.json(toMessages(rows, marks), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/messages/search/",
      tags,
      summary: "Messages with these words in any form, or this text as a part; newest first",
      request: { query: z.object({ q: text(), chat: id().optional(), limit: limit(50), before: cursor() }) },
      responses: { 200: answer(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const { q, chat = null, limit, before = null } = c.req.valid("query");
      const [rows] = await asUser(c.var.claims, (sql) => [
        messageRows(
          sql,
          sql`select * from chat.search_messages(${q}, ${chat}, ${before}, ${limit})`,
          sql`page.id desc`,
          senderLeft(sql),
        ),
      ]);
      const rooms = idArray(rows.map((row) => row.room_id));
      const [marks] = await asUser(c.var.claims, (sql) => [markRows(sql, sql`select unnest(${rooms}::bigint[])`)]);
      if (rows.length === limit) linkNext(c, { before: rows.at(-1)!.id });
      return c.json(toMessages(rows, marks), 200);
    },
  );
}
