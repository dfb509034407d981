import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { idParam } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { response, route } from "../_shared/http/routes.ts";
import { requireMember } from "./messages.sql.ts";
import { participantRows, toPerson } from "./people.sql.ts";
import { touch } from "./presence.ts";
import { Participants, RoomRead } from "./schemas.ts";

const tags = ["chat"];

/** The participants of a room, and its read mark: docs/apis/mini-chat.md#rooms. */
export function participantRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/rooms/{id}/participants/",
      tags,
      summary: "List participants of a room, ordered by id",
      request: { params: idParam, query: z.object({ limit: limit(), after: cursor() }) },
      responses: { 200: response(Participants, "The participants.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const page = c.req.valid("query");
      const [rows] = await asUser(c.var.claims, (sql) => [participantRows(sql, id, page)]);
      if (rows.length === 0) await requireMember(c.var.claims, id);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json({ room_id: id, participants: rows.map(toPerson) }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/{id}/mark_read/",
      tags,
      summary: "Mark all messages of a room as read",
      request: { params: idParam },
      responses: { 200: response(RoomRead, "All messages are read.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      await asUser(c.var.claims, (sql) => [touch(sql), sql`select from chat.mark_read(${id})`]);
      return c.json({ message: "Сообщения отмечены как прочитанные", room_id: id }, 200);
    },
  );
}
