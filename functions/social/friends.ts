import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { invalid, notFound } from "../_shared/base/errors.ts";
import { asUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { isNamed } from "../_shared/queries/people.ts";
import { Done } from "./schemas.ts";

const tags = ["friends"];

const Friend = z.object({ username: trimmedText() }).openapi("Friend");

interface Named {
  username: string;
  is_caller: boolean;
}

/** Friends: docs/apis/social.md#friends. Adding somebody twice changes nothing. */
export function friendRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/profiles/api/add-friend/",
      tags,
      summary: "Add a friend",
      request: { body: body(Friend) },
      responses: { 200: response(Done, "The user is a friend.") },
    }),
    async (c) => {
      const [[person]] = await asUser(c.var.claims, (sql) => [
        sql<Named[]>`
          with person as (
            select profiles.id, profiles.username, profiles.id = (select auth.uid()) as is_caller
            from chat.profiles as profiles
            where ${isNamed(sql, c.req.valid("json").username)}
          ), added as (
            insert into chat.friendships (friend_id) select id from person where not is_caller on conflict do nothing
          )
          select username, is_caller from person`,
      ]);
      if (!person) throw notFound("user_not_found");
      if (person.is_caller) throw invalid("username", "Нельзя добавить в друзья самого себя.");
      return c.json({ message: `${person.username} добавлен в друзья.` }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/profiles/api/remove-friend/",
      tags,
      summary: "Remove a friend",
      request: { body: body(Friend) },
      responses: { 200: response(Done, "The user is not a friend.") },
    }),
    async (c) => {
      const [[person]] = await asUser(c.var.claims, (sql) => [
        sql<{ username: string }[]>`
          with person as (
            select profiles.id, profiles.username from chat.profiles as profiles
            where ${isNamed(sql, c.req.valid("json").username)}
          ), removed as (
            delete from chat.friendships
            where user_id = (select auth.uid()) and friend_id = (select id from person)
          )
          select username from person`,
      ]);
      if (!person) throw notFound("user_not_found");
      return c.json({ message: `${person.username} удален из друзей.` }, 200);
    },
  );
}
