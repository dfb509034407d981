import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { clientAddress, login, refresh, register } from "../_shared/accounts.ts";
import type { Api } from "../_shared/app.ts";
import { text } from "../_shared/fields.ts";
import { answer, body, publicRoute } from "../_shared/routes.ts";
import { Registered, Tokens } from "./schemas.ts";
import { readUser } from "./users.ts";

const tags = ["auth"];

const Registration = z.object({
  username: text().min(1).max(150).regex(/^[\p{L}\p{N}_.@+-]+$/u, {
    error: "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
  }).openapi({ pattern: "^[\\p{L}\\p{N}_.@+-]+$" }),
  password: text().min(1),
  email: z.union([z.literal(""), text().pipe(z.email())], { error: "Enter a valid email address." }).optional(),
  first_name: text().max(150).optional(),
  last_name: text().max(150).optional(),
}).openapi("Registration");

const Credentials = z.object({
  username: text().min(1).openapi({ description: "A username, or an email address." }),
  password: text().min(1),
}).openapi("Credentials");

const Refresh = z.object({ refresh: text().min(1) }).openapi("Refresh");

/** Section "Авторизация" of the document, and registration, which it lacks. */
export function authRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/register/",
      tags,
      summary: "Make an account",
      request: { body: body(Registration) },
      responses: { 201: answer(Registered, "The account, signed in.") },
    }),
    async (c) => {
      const { claims, tokens } = await register(c.req.valid("json"), clientAddress(c));
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
      responses: { 200: answer(Tokens, "The tokens of a new session.") },
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      return c.json(await login(username, password, clientAddress(c)), 200);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/refresh/",
      tags,
      summary: "Get new tokens",
      request: { body: body(Refresh) },
      responses: { 200: answer(Tokens, "New tokens; the refresh token given is used up.") },
    }),
    async (c) => c.json(await refresh(c.req.valid("json").refresh, clientAddress(c)), 200),
  );
}
