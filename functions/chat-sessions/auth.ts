import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { Credentials, Logout, optionalEmail, password, Tokens, username } from "../_shared/accounts/account_fields.ts";
import { refreshRoute } from "../_shared/accounts/refresh_route.ts";
import { register } from "../_shared/accounts/registration.ts";
import { login, logout, refuseLogin } from "../_shared/accounts/sign_in.ts";
import { verifyToken } from "../_shared/auth/tokens.ts";
import type { Api } from "../_shared/http/app.ts";
import { text } from "../_shared/http/fields.ts";
import { accessToken } from "../_shared/http/require_user.ts";
import { body, publicRoute, response, route } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { readUser, User } from "../_shared/queries/people.ts";

const tags = ["auth"];

/** A registration, by the API or by the form of the pages. */
export const Registration = z.object({
  username: username(),
  email: optionalEmail(),
  password: password(),
  confirm_password: text(),
}).refine((fields) => fields.password === fields.confirm_password, {
  path: ["confirm_password"],
  error: "Passwords do not match.",
}).openapi("Registration");

/** As the old backend said it. */
const WRONG_LOGIN = { non_field_errors: ["Invalid username or password!"] };

const SignedIn = Tokens.extend({ user: User, message: z.string() }).openapi("SignedIn");
const Said = z.object({ message: z.string() }).openapi("Said");

/** Accounts and tokens: docs/apis/chat-sessions.md#accounts. */
export function authRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/v1/auth/register/",
      tags,
      summary: "Create an account",
      request: { body: body(Registration) },
      responses: { 201: response(SignedIn, "The new account, signed in.") },
    }),
    async (c) => {
      const { claims, tokens } = await register(c.req.valid("json"), clientAddress(c));
      const user = await readUser(claims);
      return c.json({ user, ...tokens, message: "User registered successfully" }, 201);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/v1/auth/login/",
      tags,
      summary: "Sign in",
      request: { body: body(Credentials) },
      responses: { 200: response(SignedIn, "Tokens of a new session.") },
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      const tokens = await login(username, password, clientAddress(c)).catch(refuseLogin(WRONG_LOGIN));
      const user = await readUser((await verifyToken(tokens.access))!);
      return c.json({ user, ...tokens, message: "Login successful" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/v1/auth/logout/",
      tags,
      summary: "Sign out; the sessions of both tokens end",
      request: { body: { ...body(Logout), required: false } },
      responses: { 200: response(Said, "Signed out.") },
    }),
    async (c) => {
      await logout(accessToken(c), c.req.valid("json").refresh, clientAddress(c));
      return c.json({ message: "Logout successful" }, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/v1/auth/profile/",
      tags,
      summary: "The caller",
      responses: { 200: response(User, "The caller.") },
    }),
    async (c) => c.json(await readUser(c.var.claims), 200),
  );

  refreshRoute(app, "/api/v1/auth/token/refresh/");
}
