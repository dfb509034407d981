import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, readAsUser, transactionAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { filledText, idParam, trimmedText } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders, isNew } from "../_shared/http/idempotency.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { goesOn, requireCursor } from "../_shared/queries/room_lists.sql.ts";
import { touch } from "./presence.ts";
import { found, joinableRooms, myRooms, oneRoom, roomRows, toRoom } from "./rooms.sql.ts";
import { Room } from "./schemas.ts";

const tags = ["chat"];

const fields = { name: filledText("rooms.name"), description: trimmedText("rooms.description").optional() };
const NewRoom = z.object({ ...fields, client_id: clientIdField() }).openapi("NewRoom");
const RoomChange = z.object(fields).partial().openapi("RoomChange");

const RoomsQuery = z.object({
  scope: z.enum(["mine", "public"]).default("mine").openapi({
    description: "`mine`: the caller's rooms; `public`: groups that the caller may join.",
  }),
  limit: limit(),
  before: cursor(),
});

/** Rooms: docs/apis/mini-chat.md#rooms. */
export function roomRoutes(app: OpenAPIHono<Api>): void {
  roomListRoutes(app);
  oneRoomRoutes(app);
}

function roomListRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/rooms/",
      tags,
      summary: "List the caller's rooms, most recently active first, or public groups to join, newest first",
      request: { query: RoomsQuery },
      responses: { 200: response(z.array(Room), "Rooms.") },
    }),
    async (c) => {
      const { scope, ...page } = c.req.valid("query");
      const rooms = scope === "mine" ? myRooms : joinableRooms;
      const [, rows] = await readAsUser(c.var.claims, (sql) => [touch(sql), roomRows(sql, rooms(sql, page))]);
      if (rows.length === 0 && scope === "mine") await requireCursor(c.var.claims, page.before);
      if (goesOn(rows.length, rows[0]?.selected, page)) linkNext(c, { before: rows.at(-1)!.id });
      return c.json(rows.map(toRoom), 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/chat/rooms/",
      tags,
      summary: "Create a public group",
      request: { headers: idempotencyHeaders, body: body(NewRoom) },
      responses: createdOnce(Room, "room"),
    }),
    async (c) => {
      const { name, description = "", client_id } = c.req.valid("json");
      const key = clientId(c, client_id, c.var.claims.sub);
      const { room, created } = await transactionAsUser(c.var.claims, async (sql) => {
        const [made] = await sql<{ id: number; created: boolean }[]>`
          select id, ${isNew(sql)} as created
          from chat.create_group_room(${name}, is_public => true, description => ${description}, client_id => ${key})`;
        const [row] = await roomRows(sql, oneRoom(sql, made!.id));
        return { room: found(row), created: made!.created };
      });
      return c.json(room, created ? 201 : 200);
    },
  );
}

function oneRoomRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/chat/rooms/{id}/",
      tags,
      summary: "Get a room of the caller, or a public room",
      request: { params: idParam },
      responses: { 200: response(Room, "The room.") },
    }),
    async (c) => {
      const [[row]] = await readAsUser(c.var.claims, (sql) => [roomRows(sql, oneRoom(sql, c.req.valid("param").id))]);
      return c.json(found(row), 200);
    },
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/chat/rooms/{id}/",
        tags,
        summary: "Update a group, as its owner or an admin",
        request: { params: idParam, body: body(RoomChange) },
        responses: { 200: response(Room, "The updated room.") },
      }),
      async (c) => {
        const { id } = c.req.valid("param");
        const { name = null, description = null } = c.req.valid("json");
        const [, [row]] = await asUser(c.var.claims, (sql) => [
          sql`select from chat.update_room(${id}, ${name}, ${description})`,
          roomRows(sql, oneRoom(sql, id)),
        ]);
        return c.json(found(row), 200);
      },
    );
  }

  app.openapi(
    route({
      method: "delete",
      path: "/api/chat/rooms/{id}/",
      tags,
      summary: "Delete a group as its owner, or a direct chat as a member",
      request: { params: idParam },
      responses: { 204: { description: "Deleted." } },
    }),
    async (c) => {
      await asUser(c.var.claims, (sql) => [sql`select chat.delete_room(${c.req.valid("param").id})`]);
      return c.body(null, 204);
    },
  );
}
