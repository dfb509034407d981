import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { asUser, type Sql } from "../_shared/db.ts";
import { id, text } from "../_shared/fields.ts";
import { cursor, limit, linkNext } from "../_shared/pagination.ts";
import { answer, route } from "../_shared/routes.ts";
import { requireChat } from "./chats.sql.ts";
import { messageRows, senderLeft } from "./messages.sql.ts";
import { Message } from "./schemas.ts";
import { idArray, markRows, toMessages } from "./statuses.ts";

const tags = ["messages"];

const HistoryQuery = z.object({ chat: id(), limit: limit(), before: cursor(), after: cursor() });

/** The newest page, or the page just before or after a message. */
function page(sql: Sql, { chat, limit, before, after }: z.infer<typeof HistoryQuery>) {
  const seqOf = (message: number) => sql`(select seq from chat.messages where room_id = ${chat} and id = ${message})`;
  const bound = after !== undefined
    ? sql`and seq > ${seqOf(after)}`
    : before !== undefined
    ? sql`and seq < ${seqOf(before)}`
    : sql``;
  const direction = after !== undefined ? sql`asc` : sql`desc`;
  return sql`select * from chat.messages where room_id = ${chat} ${bound} order by seq ${direction} limit ${limit}`;
}

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
      const query = c.req.valid("query");
      const [rows, marks] = await asUser(c.var.claims, (sql) => [
        messageRows(sql, page(sql, query), sql`page.seq`, senderLeft(sql)),
        markRows(sql, sql`select ${query.chat}::bigint`),
      ]);
      if (rows.length === 0) await requireChat(c.var.claims, query.chat);
      if (rows.length === query.limit) {
        linkNext(c, query.after !== undefined ? { after: rows.at(-1)!.id } : { before: rows[0]!.id });
      }
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
