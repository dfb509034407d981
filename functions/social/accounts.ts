import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { Credentials, password, Refresh, shownEmail, Tokens, username } from "../_shared/accounts/account_fields.ts";
import { register } from "../_shared/accounts/registration.ts";
import { login, logout, refresh } from "../_shared/accounts/sign_in.ts";
import { asUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { cursor, limit, linkNext } from "../_shared/http/pagination.ts";
import { accessToken } from "../_shared/http/require_user.ts";
import { body, publicRoute, response, route } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { emailsOf, readUser, User, userColumns } from "../_shared/queries/people.ts";
import { forgetCookie, keepInCookie } from "./cookie.ts";

const tags = ["accounts"];

const Registration = z.object({ username: username(), email: shownEmail(), password: password() })
  .openapi("Registration");

/** Accounts and tokens: docs/apis/social.md#accounts. */
export function accountRoutes(app: OpenAPIHono<Api>): void {
  userRoutes(app);
  tokenRoutes(app);
}

function userRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/accounts/api/users/",
      tags,
      summary: "List users, ordered by id",
      request: { query: z.object({ limit: limit(), after: cursor() }) },
      responses: { 200: response(z.array(User), "Users.") },
    }),
    async (c) => {
      const { limit, after = 0 } = c.req.valid("query");
      const [users] = await asUser(c.var.claims, (sql) => [
        sql<z.infer<typeof User>[]>`
          with page as materialized (
            select * from chat.profiles where number > ${after} order by number limit ${limit}
          )
          select ${userColumns(sql, sql`shown.email`)}
          from page as profiles
          join ${emailsOf(sql, sql`select id from page`)} as shown on shown.user_id = profiles.id
          order by profiles.number`,
      ]);
      if (users.length === limit) linkNext(c, { after: users.at(-1)!.id });
      return c.json([...users], 200);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/accounts/api/users/",
      tags,
      summary: "Create an account",
      request: { body: body(Registration) },
      responses: { 201: response(User, "The account.") },
    }),
    async (c) => {
      const { claims } = await register({ ...c.req.valid("json"), showsEmail: true }, clientAddress(c));
      return c.json(await readUser(claims), 201);
    },
  );
}

function tokenRoutes(app: OpenAPIHono<Api>): void {
  const responses = {
    200: response(Tokens, "Tokens. The response also sets the cookie `access`, which opens the WebSocket."),
  };

  app.openapi(
    publicRoute({
      method: "post",
      path: "/accounts/api/token/",
      tags,
      summary: "Sign in",
      request: { body: body(Credentials) },
      responses,
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      const tokens = await login(username, password, clientAddress(c));
      await keepInCookie(c, tokens);
      return c.json(tokens, 200);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/accounts/api/token/refresh/",
      tags,
      summary: "Refresh the tokens; the given refresh token no longer works",
      request: { body: body(Refresh) },
      responses,
    }),
    async (c) => {
      const tokens = await refresh(c.req.valid("json").refresh, clientAddress(c));
      await keepInCookie(c, tokens);
      return c.json(tokens, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/accounts/api/logout/",
      tags,
      summary: "Sign out and clear the cookie",
      responses: { 204: { description: "Signed out." } },
    }),
    async (c) => {
      await logout(accessToken(c));
      forgetCookie(c);
      return c.body(null, 204);
    },
  );
}
