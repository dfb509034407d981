import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { login } from "../_shared/accounts/sign_in.ts";
import type { Api } from "../_shared/http/app.ts";
import { text, trimmedText } from "../_shared/http/fields.ts";
import { body, publicRoute, response } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";

const Credentials = z.object({
  username: trimmedText().min(1).openapi({ description: "A username, or an email address." }),
  password: text().min(1),
}).openapi("Credentials");

const Session = z.object({ access_token: z.string(), refresh_token: z.string() }).openapi("Session");

/** Sign-in by username: docs/apis/accounts.md. */
export function signInRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    publicRoute({
      method: "post",
      path: "/api/sign-in/",
      tags: ["accounts"],
      summary: "Sign in by username",
      description: "Returns a session of Supabase Auth, for `supabase.auth.setSession()`.",
      request: { body: body(Credentials) },
      responses: { 200: response(Session, "The new session.") },
    }),
    async (c) => {
      const { username, password } = c.req.valid("json");
      const { access, refresh } = await login(username, password, clientAddress(c));
      return c.json({ access_token: access, refresh_token: refresh }, 200);
    },
  );
}
