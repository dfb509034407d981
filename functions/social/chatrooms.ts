import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { readAsUser, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { openDirectRoom } from "../_shared/queries/direct_rooms.sql.ts";
import { isNamed } from "../_shared/queries/people.ts";
import { goesOn, requireCursor } from "../_shared/queries/room_lists.sql.ts";
import { myRooms } from "../_shared/queries/my_rooms.sql.ts";
import { toRoom } from "./rooms.sql.ts";
import { ChatRoom } from "./schemas.ts";

const tags = ["chat rooms"];

const NewRoom = z.object({ recipient: trimmedText().openapi({ description: "A username." }) }).openapi("NewChatRoom");

/** Chat rooms, listed at two addresses: docs/apis/social.md#chat-rooms. */
export function chatRoomRoutes(app: OpenAPIHono<Api>): void {
  for (const path of ["/messenger/api/chatrooms/", "/messenger/api/user/chatrooms/"]) {
    app.openapi(
      route({
        method: "get",
        path,
        tags,
        summary: "List the caller's chat rooms, most recently active first",
        request: { query: z.object({ limit: limit(), before: cursor() }) },
        responses: { 200: response(z.array(ChatRoom), "Chat rooms.") },
      }),
      async (c) => {
        const query = c.req.valid("query");
        const [rows] = await readAsUser(c.var.claims, (sql) => [myRooms(sql, query)]);
        if (rows.length === 0) await requireCursor(c.var.claims, query.before);
        if (goesOn(rows.length, rows[0]?.selected, query)) linkNext(c, { before: rows.at(-1)!.id });
        return c.json(rows.map(toRoom), 200);
      },
    );
  }

  app.openapi(
    route({
      method: "post",
      path: "/messenger/api/chatrooms/",
      tags,
      summary: "Create a chat room with another user",
      request: { body: body(NewRoom) },
      responses: {
        201: response(ChatRoom, "The new chat room."),
        200: response(ChatRoom, "The existing chat room."),
      },
    }),
    async (c) => {
      const { room, created } = await openRoom(c.var.claims, c.req.valid("json").recipient);
      return c.json(room, created ? 201 : 200);
    },
  );
}

function openRoom(claims: Claims, recipient: string) {
  return transactionAsUser(claims, async (sql) => {
    const { id, created } = await openDirectRoom(sql, isNamed(sql, recipient));
    const [row] = await myRooms(sql, { only: id });
    // A user who has just deleted their account is in no room.
    if (!row) throw notFound("room_not_found");
    return { room: toRoom(row), created };
  });
}
