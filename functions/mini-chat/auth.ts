import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { Credentials, Logout, password, personName, shownEmail, username } from "../_shared/accounts/account_fields.ts";
import { refreshRoute } from "../_shared/accounts/refresh_route.ts";
import { register } from "../_shared/accounts/registration.ts";
import { login, logout, refuseLogin } from "../_shared/accounts/sign_in.ts";
import { verifyToken } from "../_shared/auth/tokens.ts";
import type { ErrorBody } from "../_shared/base/errors.ts";
import type { Api } from "../_shared/http/app.ts";
import { accessToken } from "../_shared/http/require_user.ts";
import { body, publicRoute, response, route } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { User } from "../_shared/queries/people.ts";
import { comeOnline, goOffline } from "./presence.ts";
import { Done, SignedIn } from "./schemas.ts";

const tags = ["auth"];

const WRONG_LOGIN: ErrorBody = { detail: "Неверное имя пользователя или пароль", code: "no_active_account" };

const Registration = z.object({
  username: username(),
  password: password(),
  password_confirm: z.string().optional(),
  email: shownEmail(),
  first_name: personName().optional(),
  last_name: personName().optional(),
}).refine(({ password, password_confirm }) => password_confirm === undefined || password_confirm === password, {
  path: ["password_confirm"],
  error: "The two password fields didn't match.",
}).openapi("Registration");

/** Accounts and their sessions: docs/apis/mini-chat.md#accounts. */
export function authRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/register/",
      tags,
      summary: "Create an account",
      request: { body: body(Registration) },
      responses: { 201: response(SignedIn, "The new account, signed in.") },
    }),
    async (c) => {
      const { password_confirm: _, ...registration } = c.req.valid("json");
      const { claims, tokens } = await register({ ...registration, showsEmail: true }, clientAddress(c));
      const message = "Пользователь успешно зарегистрирован";
      return c.json({ user: await comeOnline(claims), tokens, ...tokens, message }, 201);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/login/",
      tags,
      summary: "Sign in",
      request: { body: body(Credentials) },
      responses: { 200: response(SignedIn, "The account, and the tokens of a new session.") },
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      const tokens = await login(username, password, clientAddress(c)).catch(refuseLogin(WRONG_LOGIN));
      const claims = (await verifyToken(tokens.access))!;
      return c.json({ user: await comeOnline(claims), tokens, ...tokens, message: "Успешный вход" }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/auth/logout/",
      tags,
      summary: "Sign out; the session ends and the caller goes offline",
      request: { body: { ...body(Logout), required: false } },
      responses: { 200: response(Done, "Signed out.") },
    }),
    async (c) => {
      await goOffline(c.var.claims);
      await logout(accessToken(c), c.req.valid("json").refresh, clientAddress(c));
      return c.json({ message: "Успешный выход" }, 200);
    },
  );

  refreshRoute(app, "/api/auth/token/refresh/");

  app.openapi(
    route({
      method: "get",
      path: "/api/auth/me/",
      tags,
      summary: "Get the caller; marks the caller as online",
      responses: { 200: response(User, "The caller.") },
    }),
    async (c) => c.json(await comeOnline(c.var.claims), 200),
  );
}
