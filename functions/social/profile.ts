import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { personName } from "../_shared/accounts/account_fields.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, type Sql } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { accountGone, isNamed } from "../_shared/queries/people.ts";
import { personRows, toPerson } from "./people.sql.ts";
import { DEFAULT_IMAGE, Person } from "./schemas.ts";

const tags = ["profiles"];

/** Where a picture is. */
const picture = () => trimmedText("profiles.avatar_url").regex(/^(https?:\/\/|\/)/, "Enter a valid URL.");

const ProfileChange = z.object({
  image: picture().nullable().optional().openapi({ description: "A URL, or null for the default picture." }),
  bio: trimmedText("profiles.bio").optional(),
  first_name: personName().optional(),
  last_name: personName().optional(),
}).openapi("ProfileChange");

/** Profiles: docs/apis/social.md#profiles. */
export function profileRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/profiles/api/profile/",
      tags,
      summary: "Get the caller's profile and posts",
      responses: { 200: response(Person, "The caller.") },
    }),
    async (c) => {
      const rows = await asUser(c.var.claims, (sql) => [...personRows(sql, isMe(sql))]);
      return c.json(toPerson(...rows) ?? accountGone(), 200);
    },
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/profiles/api/profile/",
        tags,
        summary: "Update the caller's profile",
        request: { body: body(ProfileChange) },
        responses: { 200: response(Person, "The updated profile.") },
      }),
      async (c) => {
        const change = c.req.valid("json");
        const [, ...rows] = await asUser(c.var.claims, (sql) => [changeMe(sql, change), ...personRows(sql, isMe(sql))]);
        return c.json(toPerson(...rows) ?? accountGone(), 200);
      },
    );
  }

  app.openapi(
    route({
      method: "get",
      path: "/profiles/api/search-user/",
      tags,
      summary: "Get a user by username",
      request: { query: z.object({ username: trimmedText() }) },
      responses: { 200: response(Person, "The user.") },
    }),
    async (c) => {
      const { username } = c.req.valid("query");
      const rows = await asUser(c.var.claims, (sql) => [...personRows(sql, isNamed(sql, username))]);
      const person = toPerson(...rows);
      if (!person) throw notFound("user_not_found");
      return c.json(person, 200);
    },
  );
}

const isMe = (sql: Sql) => sql`profiles.id = (select auth.uid())`;

function changeMe(sql: Sql, { image, bio, first_name, last_name }: z.infer<typeof ProfileChange>) {
  const chosen = image === DEFAULT_IMAGE ? null : image;
  const avatar = chosen === undefined ? sql`avatar_url` : sql`${chosen}`;
  return sql`
    update chat.profiles as profiles
    set avatar_url = ${avatar}, bio = coalesce(${bio ?? null}, bio),
      first_name = coalesce(${first_name ?? null}, first_name), last_name = coalesce(${last_name ?? null}, last_name)
    where ${isMe(sql)}`;
}
