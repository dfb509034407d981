import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { asUser, type Sql } from "../_shared/db.ts";
import { ApiError } from "../_shared/errors.ts";
import { text } from "../_shared/fields.ts";
import { cursor, limit, linkNext } from "../_shared/pagination.ts";
import { answer, route } from "../_shared/routes.ts";
import type { Claims } from "../_shared/tokens.ts";
import { type User, UserWithStatus } from "./schemas.ts";

const tags = ["users"];

const columns = (sql: Sql) =>
  sql`profiles.number as id, profiles.username, chat.email(profiles) as email, profiles.first_name, profiles.last_name`;

const withStatus = (sql: Sql) =>
  sql`${columns(sql)}, coalesce(chat.is_online(status), false) as is_online,
  status.last_seen_at as last_seen`;

/** The caller, without status. */
export async function readUser(claims: Claims): Promise<z.infer<typeof User>> {
  const [[user]] = await asUser(claims, (sql) => [
    sql<z.infer<typeof User>[]>`select ${
      columns(sql)
    } from chat.profiles as profiles where profiles.id = ${claims.sub}`,
  ]);
  return user ?? accountGone();
}

function accountGone(): never {
  throw new ApiError(401, { detail: "User not found", code: "user_not_found" }, { "WWW-Authenticate": "Bearer" });
}

/** Section "Пользователи" of the document. */
export function userRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/users/me/",
      tags,
      summary: "The caller, who thereby counts as online",
      responses: { 200: answer(UserWithStatus, "The caller.") },
    }),
    async (c) => {
      const { claims } = c.var;
      const [[me]] = await asUser(claims, (sql) => [
        sql<z.infer<typeof UserWithStatus>[]>`
          select ${withStatus(sql)}
          from chat.profiles as profiles
          cross join lateral chat.touch_status() as status
          where profiles.id = ${claims.sub}`,
      ]);
      return c.json(me ?? accountGone(), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/users/",
      tags,
      summary: "Everyone, in order of id",
      request: {
        query: z.object({
          search: text().optional().openapi({ description: "A part of the username." }),
          limit: limit(),
          after: cursor(),
        }),
      },
      responses: { 200: answer(z.array(UserWithStatus), "People.") },
    }),
    async (c) => {
      const query = c.req.valid("query");
      const part = query.search?.toLowerCase().replace(/[\\%_]/g, "\\$&");
      const [users] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof UserWithStatus>[]>`
          select ${withStatus(sql)}
          from chat.profiles as profiles
          left join chat.user_status as status on status.user_id = profiles.id
          where profiles.number > ${query.after ?? 0}
            ${part ? sql`and lower(profiles.username) like ${`%${part}%`}` : sql``}
          order by profiles.number
          limit ${query.limit}`,
      ]);
      if (users.length === query.limit) linkNext(c, { after: users.at(-1)!.id });
      return c.json([...users], 200);
    },
  );
}
