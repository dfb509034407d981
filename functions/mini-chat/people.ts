import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Api } from "../_shared/app.ts";
import { asUser, type Sql, type Statement } from "../_shared/db.ts";
import { text } from "../_shared/fields.ts";
import { cursor, limit, linkNext } from "../_shared/pagination.ts";
import { likePart, statusColumns, userColumns } from "../_shared/people.ts";
import { answer, route } from "../_shared/routes.ts";
import { touch } from "./presence.ts";
import { avatarOf, OnlineUser, Person } from "./schemas.ts";

const paging = { limit: limit(), after: cursor() };

interface PersonRow {
  id: number;
  username: string;
  first_name: string;
  last_name: string;
  is_online: boolean;
  last_seen: string | null;
  avatar_url: string | null;
}

/** People in order of id, of whom a condition on `profiles` holds. */
const personRows = (sql: Sql, { limit, after = 0 }: { limit: number; after?: number }, condition: Statement) =>
  sql<PersonRow[]>`
    select profiles.number as id, profiles.username, profiles.first_name, profiles.last_name, profiles.avatar_url,
      ${statusColumns(sql)}
    from chat.profiles as profiles
    left join chat.user_status as status on status.user_id = profiles.id
    where profiles.number > ${after} and ${condition}
    order by profiles.number
    limit ${limit}`;

function toPerson({ avatar_url, ...row }: PersonRow): z.infer<typeof Person> {
  return { ...row, full_name: `${row.first_name} ${row.last_name}`.trim(), avatar: avatarOf(avatar_url) };
}

/** A part of the username, or of first and last name. */
const isNamed = (sql: Sql, part: string) =>
  sql`(lower(profiles.username) like ${likePart(part)}
    or lower(profiles.first_name || ' ' || profiles.last_name) like ${likePart(part)})`;

/** Searching and listing of the section "Аутентификация", and who is online of the section "Чат". */
export function peopleRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/auth/search/",
      tags: ["auth"],
      summary: "People whose username or name has this part, in order of id; nobody for an empty one",
      request: { query: z.object({ q: text().default(""), ...paging }) },
      responses: { 200: answer(z.object({ users: z.array(Person) }), "People.") },
    }),
    async (c) => {
      const { q, ...page } = c.req.valid("query");
      const part = q.trim();
      if (!part) return c.json({ users: [] }, 200);
      const [rows] = await asUser(c.var.claims, (sql) => [personRows(sql, page, isNamed(sql, part))]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json({ users: rows.map(toPerson) }, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/auth/users/",
      tags: ["auth"],
      summary: "Everyone, in order of id",
      request: { query: z.object(paging) },
      responses: { 200: answer(z.array(Person), "People.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      const [rows] = await asUser(c.var.claims, (sql) => [personRows(sql, page, sql`true`)]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json(rows.map(toPerson), 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/chat/online-users/",
      tags: ["chat"],
      summary: "Who is online, in order of id; the caller thereby is",
      request: { query: z.object(paging) },
      responses: { 200: answer(z.array(OnlineUser), "People.") },
    }),
    async (c) => {
      const page = c.req.valid("query");
      const [, rows] = await asUser(c.var.claims, (sql) => [touch(sql), onlineRows(sql, page)]);
      if (rows.length === page.limit) linkNext(c, { after: rows.at(-1)!.id });
      return c.json(rows.map(toOnlineUser), 200);
    },
  );
}

interface OnlineRow extends PersonRow {
  email: string;
}

/** The interval only narrows the search down, by its index: who of them is online, SQL says. */
const onlineRows = (sql: Sql, { limit, after = 0 }: { limit: number; after?: number }) =>
  sql<OnlineRow[]>`
    select ${userColumns(sql)}, ${statusColumns(sql)}, profiles.avatar_url
    from chat.user_status as status
    join chat.profiles as profiles on profiles.id = status.user_id
    where status.last_seen_at > now() - interval '10 minutes' and chat.is_online(status) and profiles.number > ${after}
    order by profiles.number
    limit ${limit}`;

function toOnlineUser({ is_online, last_seen, avatar_url, ...user }: OnlineRow): z.infer<typeof OnlineUser> {
  return { user, is_online, last_seen, avatar: avatarOf(avatar_url) };
}
