import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, readAsUser, searchAsUser, type Sql } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { idParam, trimmedText } from "../_shared/http/fields.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { response, route } from "../_shared/http/routes.ts";
import { accountGone, emailsOf, peopleFound, statusColumns, userColumns } from "../_shared/queries/people.ts";
import { UserWithStatus } from "./schemas.ts";

const tags = ["users"];

type User = z.infer<typeof UserWithStatus>;

/** A person with their status, at the top and nested. */
const toUser = (row: Omit<User, "status">): User => ({
  ...row,
  status: { is_online: row.is_online, last_seen: row.last_seen },
});

/** People in order of id, of whom a part of the username may be given. */
const userRows = (sql: Sql, { search, after = 0, limit }: { search?: string; after?: number; limit: number }) =>
  sql<Omit<User, "status">[]>`
    with page as materialized (${
    search
      ? peopleFound(sql, { part: search, names: false, after, limit })
      : sql`select * from chat.profiles where number > ${after} order by number limit ${limit}`
  })
    select ${userColumns(sql, sql`shown.email`)}, ${statusColumns(sql)}
    from page as profiles
    join ${emailsOf(sql, sql`select id from page`)} as shown on shown.user_id = profiles.id
    left join chat.user_status as status on status.user_id = profiles.id
    order by profiles.number`;

/** People: docs/apis/messenger.md#users. */
export function userRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/users/me/",
      tags,
      summary: "Get the caller; marks the caller as online",
      responses: { 200: response(UserWithStatus, "The caller.") },
    }),
    async (c) => {
      const { claims } = c.var;
      const [[me]] = await asUser(claims, (sql) => [
        sql<Omit<User, "status">[]>`
          select ${userColumns(sql)}, ${statusColumns(sql)}
          from chat.profiles as profiles
          cross join lateral chat.touch_status() as status
          where profiles.id = ${claims.sub}`,
      ]);
      return c.json(toUser(me ?? accountGone()), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/users/{id}/",
      tags,
      summary: "Get a user",
      request: { params: idParam },
      responses: { 200: response(UserWithStatus, "The user.") },
    }),
    async (c) => {
      const [[user]] = await readAsUser(c.var.claims, (sql) => [
        sql<Omit<User, "status">[]>`
          select ${userColumns(sql)}, ${statusColumns(sql)}
          from chat.profiles as profiles
          left join chat.user_status as status on status.user_id = profiles.id
          where profiles.number = ${c.req.valid("param").id}`,
      ]);
      if (!user) throw notFound("user_not_found");
      return c.json(toUser(user), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/users/",
      tags,
      summary: "List users, ordered by id",
      request: {
        query: z.object({
          search: trimmedText().optional().openapi({ description: "Returns users whose username contains this text." }),
          limit: limit(),
          after: cursor(),
        }),
      },
      responses: { 200: response(z.array(UserWithStatus), "Users.") },
    }),
    async (c) => {
      const query = c.req.valid("query");
      const { claims } = c.var;
      const [users] = await (query.search ? searchAsUser : readAsUser)(claims, (sql) => [userRows(sql, query)]);
      if (users.length === query.limit) linkNext(c, { after: users.at(-1)!.id });
      return c.json(users.map(toUser), 200);
    },
  );
}
