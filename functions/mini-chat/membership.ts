import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { id, idParam, trimmedText } from "../_shared/http/fields.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { openDirectRoom } from "../_shared/queries/direct_rooms.sql.ts";
import { isNamed } from "../_shared/queries/people.ts";
import { found, oneRoom, roomRows } from "./rooms.sql.ts";
import { Done, Room } from "./schemas.ts";

const tags = ["chat"];

const RoomDone = Done.extend({ room: Room }).openapi("RoomDone");
const DirectChatDone = Room.extend(RoomDone.shape).openapi("DirectChatDone", {
  description: "The room. Its fields are also at the top level.",
});

const DirectChat = z.object({
  user_id: id().optional(),
  participant_id: id().optional().openapi({ description: "The same as `user_id`." }),
  username: trimmedText().min(1).optional().openapi({ description: "The other user's current username." }),
})
  .refine(({ user_id, participant_id, username }) => (user_id ?? participant_id ?? username) !== undefined, {
    path: ["user_id"],
    error: "This field is required.",
  })
  .openapi("DirectChat", { description: "The other user, by id or by username." });

/** Direct chats, joining and leaving: docs/apis/mini-chat.md#rooms. */
export function membershipRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/chat/create-direct-chat/",
      tags,
      summary: "Get or create the direct chat with another user",
      request: { body: body(DirectChat) },
      responses: {
        201: response(DirectChatDone, "The new chat."),
        200: response(DirectChatDone, "The existing chat."),
      },
    }),
    async (c) => {
      const { participant_id, user_id = participant_id, username } = c.req.valid("json");
      const { room, created } = await transactionAsUser(c.var.claims, async (sql) => {
        const isMeant = user_id === undefined ? isNamed(sql, username!) : sql`profiles.number = ${user_id}`;
        const { id, created } = await openDirectRoom(sql, isMeant);
        const [row] = await roomRows(sql, oneRoom(sql, id));
        return { room: found(row), created };
      });
      if (created) return c.json({ ...room, room, message: "Чат успешно создан" }, 201);
      return c.json({ ...room, room, message: "Чат уже существует" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/{id}/join/",
      tags,
      summary: "Join a public group",
      request: { params: idParam },
      responses: { 200: response(RoomDone, "The room that the caller has joined.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const [, [row]] = await asUser(c.var.claims, (sql) => [
        sql`select from chat.join_room(${id})`,
        roomRows(sql, oneRoom(sql, id)),
      ]);
      return c.json({ room: found(row), message: "Успешно присоединились к комнате" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/{id}/leave/",
      tags,
      summary: "Leave a group",
      request: { params: idParam },
      responses: { 200: response(Done, "The caller has left.") },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.leave_room(${c.req.valid("param").id})`]);
      return c.json({ message: "Вы покинули комнату" }, 200);
    },
  );
}
