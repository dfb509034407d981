import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { email, password, personName, Tokens, username } from "../_shared/accounts/account_fields.ts";
import { refreshRoute } from "../_shared/accounts/refresh_route.ts";
import { register } from "../_shared/accounts/registration.ts";
import { login, refuseLogin } from "../_shared/accounts/sign_in.ts";
import { verifyToken } from "../_shared/auth/tokens.ts";
import { ApiError, invalid } from "../_shared/base/errors.ts";
import type { Api } from "../_shared/http/app.ts";
import { text, trimmedText } from "../_shared/http/fields.ts";
import { body, publicRoute, response } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { readUser } from "./account.sql.ts";
import { loginWithGoogle } from "./google.ts";
import { SignedIn } from "./schemas.ts";

const tags = ["auth"];

/** As dj-rest-auth says it. */
const WRONG_LOGIN = { non_field_errors: ["Unable to log in with provided credentials."] };

const isObject = ({ value }: { value: unknown }) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const Registration = z.object({
  email: email(),
  username: username().optional().openapi({ description: "By default derived from the email address." }),
  first_name: personName().optional(),
  last_name: personName().optional(),
  password1: password(),
  password2: text().min(1),
}).refine(({ password1, password2 }) => password1 === password2, {
  path: ["password2"],
  error: "The two password fields didn't match.",
}).openapi("Registration");

const Login = z.object({
  email: trimmedText().optional().openapi({ description: "An email address, or a username." }),
  username: trimmedText().optional().openapi({ description: "The same as `email`." }),
  password: text().min(1),
}).refine(({ email, username }) => email || username, {
  path: ["email"],
  error: "This field is required.",
  when: isObject,
}).openapi("Login");

const GoogleCode = z.object({ code: trimmedText().min(1).max(2048) }).openapi("GoogleCode");

/** The signed-in user beside the tokens. */
async function signedIn(tokens: z.infer<typeof Tokens>): Promise<z.infer<typeof SignedIn>> {
  const claims = await verifyToken(tokens.access);
  return { ...tokens, user: await readUser(claims!) };
}

/** Names the field of the password in errors. */
function namePassword(error: unknown): never {
  const { password } = error instanceof ApiError ? error.body as { password?: string[] } : {};
  throw password ? invalid("password1", ...password) : error;
}

/** Signing in: docs/apis/conversations.md#signing-in. */
export function authRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/registration/",
      tags,
      summary: "Create an account",
      request: { body: body(Registration) },
      responses: { 201: response(SignedIn, "The new account, signed in.") },
    }),
    async (c) => {
      const { password1, password2: _, ...person } = c.req.valid("json");
      const { tokens } = await register({ ...person, password: password1 }, clientAddress(c)).catch(namePassword);
      return c.json(await signedIn(tokens), 201);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/login/",
      tags,
      summary: "Sign in",
      request: { body: body(Login) },
      responses: { 200: response(SignedIn, "A new session.") },
    }),
    async (c) => {
      const { email, username, password } = c.req.valid("json");
      const tokens = await login(email || username!, password, clientAddress(c)).catch(refuseLogin(WRONG_LOGIN));
      return c.json(await signedIn(tokens), 200);
    },
  );

  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/auth/google/",
      tags,
      summary: "Sign in with an authorization code from Google",
      request: { body: body(GoogleCode) },
      responses: { 200: response(SignedIn, "A new session.") },
    }),
    async (c) => c.json(await signedIn(await loginWithGoogle(c.req.valid("json").code, clientAddress(c))), 200),
  );

  refreshRoute(app, "/api/auth/token/refresh/");
}
