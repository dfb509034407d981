import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { Credentials, password, personName, shownEmail, Tokens, username } from "../_shared/accounts/account_fields.ts";
import { refreshRoute } from "../_shared/accounts/refresh_route.ts";
import { register } from "../_shared/accounts/registration.ts";
import { login } from "../_shared/accounts/sign_in.ts";
import type { Api } from "../_shared/http/app.ts";
import { body, publicRoute, response } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { readUser } from "../_shared/queries/people.ts";
import { Registered } from "./schemas.ts";

const tags = ["auth"];

const Registration = z.object({
  username: username(),
  password: password(),
  email: shownEmail(),
  first_name: personName().optional(),
  last_name: personName().optional(),
}).openapi("Registration");

/** Accounts and tokens: docs/apis/messenger.md#signing-in. */
export function authRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/register/",
      tags,
      summary: "Create an account",
      request: { body: body(Registration) },
      responses: { 201: response(Registered, "The new account, signed in.") },
    }),
    async (c) => {
      const { claims, tokens } = await register({ ...c.req.valid("json"), showsEmail: true }, clientAddress(c));
      return c.json({ user: await readUser(claims), ...tokens }, 201);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/login/",
      tags,
      summary: "Sign in",
      request: { body: body(Credentials) },
      responses: { 200: response(Tokens, "Tokens of a new session.") },
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      return c.json(await login(username, password, clientAddress(c)), 200);
    },
  );

  refreshRoute(app, "/api/auth/refresh/");
}
