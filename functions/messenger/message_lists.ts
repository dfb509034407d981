import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { readAsUser, searchAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam, isMissing, moment, text } from "../_shared/http/fields.ts";
import { jsonList, listResponse, readList } from "../_shared/http/json_list.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { response, route } from "../_shared/http/routes.ts";
import { linkNextMessages, type MessagePage } from "../_shared/queries/room_messages.sql.ts";
import { requireChat } from "./chats.sql.ts";
import { messageList, messages } from "./messages.sql.ts";
import { Message } from "./schemas.ts";

const tags = ["messages"];

const PageQuery = z.object({
  limit: limit(),
  before: cursor(),
  after: cursor(),
  around: cursor(),
  at: moment().optional(),
});
const SearchQuery = z.object({
  q: text().optional(),
  chat: id().optional(),
  sender: id().optional(),
  sent_after: moment().optional(),
  sent_before: moment().optional(),
  has: z.enum(["link", "file", "image", "video", "audio"]).optional(),
  mentions_me: z.enum(["true", "false"]).transform((value) => value === "true").optional().openapi({ type: "boolean" }),
  limit: limit(50),
  before: cursor(),
}).refine(
  ({ q, sender, sent_after, sent_before, has, mentions_me }) =>
    mentions_me || (q ?? sender ?? sent_after ?? sent_before ?? has) !== undefined,
  isMissing("q"),
);
type Filters = Pick<z.infer<typeof SearchQuery>, "sender" | "sent_after" | "sent_before" | "has" | "mentions_me">;
const HistoryQuery = PageQuery.extend({ chat: id() });

/** Responds with a page of messages of a chat, and marks them as delivered. */
async function answerPage(c: Context<Api>, page: MessagePage & { room: number }) {
  const [rows] = await readAsUser(c.var.claims, (sql) => [messageList(sql, page)]);
  const list = readList(rows);
  if (list.ids.length === 0) await requireChat(c.var.claims, page.room);
  linkNextMessages(c, page, list.ids.map((id) => ({ id })), list.bytes);
  return listResponse<z.infer<typeof Message>>(c, list);
}

/** Lists of messages, and search: docs/apis/messenger.md#messages. */
export function messageListRoutes(app: OpenAPIHono<Api>): void {
  mentionListRoute(app);
  app.openapi(
    route({
      method: "get",
      path: "/api/messages/",
      tags,
      summary: "List messages of a chat, oldest first: before, after or around one, around a time, or the newest",
      request: { query: HistoryQuery },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    (c) => {
      const { chat: room, ...cursors } = c.req.valid("query");
      return answerPage(c, { room, ...cursors });
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/messages/",
      tags,
      summary: "List messages of a chat, like messages/?chat={id}",
      request: { params: idParam, query: PageQuery },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    (c) => answerPage(c, { room: c.req.valid("param").id, ...c.req.valid("query") }),
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/messages/search/",
      tags,
      summary: "Search messages by words in any form or part of the text, by sender and by time; newest first",
      request: { query: SearchQuery },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const { q = null, chat = null, limit, before = null, ...filters } = c.req.valid("query");
      const found = (sql: Sql) =>
        sql`select found from chat_private.search_messages(${q}, ${chat}, ${before}, ${limit}, ${
          searchFilters(sql, filters)
        }) as found`;
      const [rows, [next]] = await searchAsUser(c.var.claims, (sql) => [
        jsonList(sql, messages(sql, found(sql), { order: sql`page.id desc` })),
        sql<{ before: string }[]>`select current_setting('chat.more', true) as before`,
      ]);
      const list = readList(rows);
      if (next?.before) linkNext(c, { before: next.before });
      return listResponse<z.infer<typeof Message>>(c, list);
    },
  );
}

/** The messages that mention the caller: docs/apis/messenger.md#mentions. */
function mentionListRoute(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/mentions/",
      tags,
      summary: "List the messages that mention the caller, newest first",
      request: { query: z.object({ limit: limit(50), before: cursor() }) },
      responses: { 200: response(z.array(Message), "Messages.") },
    }),
    async (c) => {
      const { limit, before = null } = c.req.valid("query");
      const list = (sql: Sql) => sql`chat_private.mention_list(${before}, ${limit})`;
      const [rows, [next]] = await readAsUser(c.var.claims, (sql) => [
        jsonList(
          sql,
          messages(sql, sql`select found from ${list(sql)} as list, unnest(list.page) as found`, {
            order: sql`page.id desc`,
          }),
        ),
        sql<{ before: number | null }[]>`select next_id as before from ${list(sql)}`,
      ]);
      if (next?.before) linkNext(c, { before: next.before });
      return listResponse<z.infer<typeof Message>>(c, readList(rows));
    },
  );
}

/** What a search is narrowed to. */
function searchFilters(sql: Sql, { sender, sent_after, sent_before, has, mentions_me = false }: Filters): Statement {
  const nobody = "00000000-0000-0000-0000-000000000000";
  const sender_id = sender === undefined
    ? sql`null`
    : sql`coalesce((select id from chat.profiles where number = ${sender}), ${nobody})`;
  const times = sql`${sent_after ?? null}::timestamptz, ${sent_before ?? null}::timestamptz`;
  return sql`chat_private.filters(${sender_id}, ${times}, ${has ?? null}, ${mentions_me})`;
}
