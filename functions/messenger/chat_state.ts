import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { invalid } from "../_shared/base/errors.ts";
import { withDjangoTimes } from "../_shared/base/times.ts";
import { asUser, readAsUser, type Sql } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { answeredId, id, idParam } from "../_shared/http/fields.ts";
import { limit } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";

const tags = ["chats"];

const ReadMark = z.object({
  last_read_message_id: id().optional().openapi({ description: "Up to this message; by default, all messages." }),
}).openapi("ReadMark");

const ReadState = z.object({
  chat: answeredId(),
  last_read_message_id: answeredId().nullable().openapi({ description: "null if the caller has read nothing." }),
  last_read_seq: z.int(),
  unread_count: z.int(),
  mention_count: z.int(),
}).openapi("ReadState");

const Sync = z.object({
  room_id: answeredId(),
  version: z.int().openapi({ description: "Pass it as `since` next time." }),
  last_seq: z.int(),
  has_more: z.boolean(),
  changes: z.array(z.looseObject({ event: z.string(), version: z.int() })),
  read_marks: z.array(z.looseObject({ user_id: z.string(), last_read_seq: z.int(), last_delivered_seq: z.int() })),
}).openapi("Sync");

/** The read mark and the changes of a chat: docs/apis/messenger.md#chats. */
export function chatStateRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/chats/{id}/read/",
      tags,
      summary: "Mark messages as read, up to one message or all",
      request: { params: idParam, body: body(ReadMark) },
      responses: { 200: response(ReadState, "The caller's read mark, which never moves back.") },
    }),
    async (c) => {
      const chat = c.req.valid("param").id;
      const message = c.req.valid("json").last_read_message_id;
      // An unknown message moves nothing: it would otherwise stand for all.
      const seq = (sql: Sql) =>
        message === undefined
          ? sql`select null::bigint as seq, true as known`
          : sql`select coalesce(max(seq), 0) as seq, count(*) > 0 as known
              from chat.messages where room_id = ${chat} and id = ${message}`;
      const [[state]] = await asUser(c.var.claims, (sql) => [
        sql<(Omit<z.infer<typeof ReadState>, "chat"> & { known: boolean })[]>`
          select marked.last_read_seq,
            (select id from chat.messages where room_id = rooms.id and seq = marked.last_read_seq) as last_read_message_id,
            chat_private.my_unread(marked, rooms.last_seq) as unread_count,
            chat_private.my_unread_mentions(marked) as mention_count, target.known
          from (${seq(sql)}) as target
          cross join lateral chat.mark_read(${chat}, target.seq) as marked
          join chat.rooms as rooms on rooms.id = marked.room_id`,
      ]);
      if (!state?.known) throw invalid("last_read_message_id", `Invalid pk "${message}" - object does not exist.`);
      const { known: _, ...marks } = state;
      return c.json({ chat, ...marks }, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chats/{id}/sync/",
      tags,
      summary: "List changes in a chat since a version",
      request: { params: idParam, query: z.object({ since: id().default(0), limit: limit() }) },
      responses: { 200: response(Sync, "The changes, ordered by version, and the read marks.") },
    }),
    async (c) => {
      const chat = c.req.valid("param").id;
      const { since, limit } = c.req.valid("query");
      const [[row]] = await readAsUser(c.var.claims, (sql) => [
        sql<{ sync: z.infer<typeof Sync> }[]>`
          select synced.sync, chat_private.listed(${chat}, (
            select max((change -> 'message' ->> 'seq')::bigint) from jsonb_array_elements(synced.sync -> 'changes') as change
          ))
          from chat.sync(${chat}, ${since}, ${limit}) as synced (sync)`,
      ]);
      return c.json(withDjangoTimes(row!.sync), 200);
    },
  );
}
