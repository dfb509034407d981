import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { asUser, asUserStepwise } from "../_shared/db.ts";
import { openDirectRoom } from "../_shared/direct-rooms.sql.ts";
import { id, idParam, trimmedText } from "../_shared/fields.ts";
import { isNamed } from "../_shared/people.ts";
import { answer, body, route } from "../_shared/routes.ts";
import { found, oneRoom, roomRows } from "./rooms.sql.ts";
import { Done, Room } from "./schemas.ts";

const tags = ["chat"];

const RoomDone = Done.extend({ room: Room }).openapi("RoomDone");

const DirectChat = z.object({ user_id: id().optional(), username: trimmedText().min(1).optional() })
  .refine(({ user_id, username }) => user_id !== undefined || username !== undefined, {
    path: ["user_id"],
    error: "This field is required.",
  })
  .openapi("DirectChat", { description: "Who to chat with, by id or by username." });

/** Direct chats, coming and going, of the section "Чат" of the document. */
export function membershipRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/chat/create-direct-chat/",
      tags,
      summary: "The direct chat with another person, made if there is none",
      request: { body: body(DirectChat) },
      responses: { 201: answer(RoomDone, "The new chat."), 200: answer(RoomDone, "The chat that there was already.") },
    }),
    async (c) => {
      const { user_id, username } = c.req.valid("json");
      const { room, created } = await asUserStepwise(c.var.claims, async (sql) => {
        const isMeant = user_id === undefined ? isNamed(sql, username!) : sql`profiles.number = ${user_id}`;
        const { id, created } = await openDirectRoom(sql, isMeant);
        const [row] = await roomRows(sql, oneRoom(sql, id));
        return { room: found(row), created };
      });
      if (created) return c.json({ room, message: "Чат успешно создан" }, 201);
      return c.json({ room, message: "Чат уже существует" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/{id}/join/",
      tags,
      summary: "Join a public group",
      request: { params: idParam },
      responses: { 200: answer(RoomDone, "The room, of which the caller is a member now.") },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      const [, [row]] = await asUser(c.var.claims, (sql) => [
        sql`select from chat.join_room(${id})`,
        roomRows(sql, oneRoom(sql, id)),
      ]);
      return c.json({ room: found(row), message: "Вы присоединились к комнате" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/{id}/leave/",
      tags,
      summary: "Leave a group",
      request: { params: idParam },
      responses: { 200: answer(Done, "Left.") },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.leave_room(${c.req.valid("param").id})`]);
      return c.json({ message: "Вы покинули комнату" }, 200);
    },
  );
}
