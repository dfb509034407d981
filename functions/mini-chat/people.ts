import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { readAsUser, searchAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { response, route } from "../_shared/http/routes.ts";
import { onlineRows, personRows, toOnlineUser, toPerson } from "./people.sql.ts";
import { touch } from "./presence.ts";
import { OnlineUser, Person } from "./schemas.ts";

const paging = { limit: limit(), after: cursor() };

/** Search and lists of users, and online users: docs/apis/mini-chat.md. */
export function peopleRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/auth/search/",
      tags: ["auth"],
      summary: "Search users by part of the username or name, ordered by id; an empty query finds none",
      request: { query: z.object({ q: trimmedText().default(""), ...paging }) },
      responses: { 200: response(z.object({ users: z.array(Person) }), "Users.") },
    }),
    async (c) => {
      const { q, ...page } = c.req.valid("query");
      if (!q) return c.json({ users: [] }, 200);
      const [rows] = await searchAsUser(c.var.claims, (sql) => [personRows(sql, page, q)]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json({ users: rows.map(toPerson) }, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/auth/users/",
      tags: ["auth"],
      summary: "List users, ordered by id",
      request: { query: z.object(paging) },
      responses: { 200: response(z.array(Person), "Users.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      const [rows] = await readAsUser(c.var.claims, (sql) => [personRows(sql, page)]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json(rows.map(toPerson), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chat/online-users/",
      tags: ["chat"],
      summary: "List online users, ordered by id; marks the caller as online",
      request: { query: z.object(paging) },
      responses: { 200: response(z.array(OnlineUser), "Users.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      const [, rows] = await readAsUser(c.var.claims, (sql) => [touch(sql), onlineRows(sql, page)]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json(rows.map(toOnlineUser), 200);
    },
  );
}
