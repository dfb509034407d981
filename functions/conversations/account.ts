import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { Logout, password, personName } from "../_shared/accounts/account_fields.ts";
import { changePassword } from "../_shared/accounts/passwords.ts";
import { logout } from "../_shared/accounts/sign_in.ts";
import type { Api } from "../_shared/http/app.ts";
import { text } from "../_shared/http/fields.ts";
import { accessToken } from "../_shared/http/require_user.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { readUser, updateProfile } from "./account.sql.ts";
import { Profile, User } from "./schemas.ts";

const tags = ["auth"];

const ProfileChange = z.object({
  first_name: personName().optional(),
  last_name: personName().optional(),
}).openapi("ProfileChange");

const PasswordChange = z.object({ old_password: text().min(1), new_password: password() }).openapi("PasswordChange");

/** The account of the caller: docs/apis/conversations.md#account. */
export function accountRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/auth/logout/",
      tags,
      summary: "Sign out; the sessions of both tokens end",
      request: { body: { ...body(Logout), required: false } },
      responses: { 200: response(z.object({ detail: z.string() }), "Signed out.") },
    }),
    async (c) => {
      await logout(accessToken(c), c.req.valid("json").refresh, clientAddress(c));
      return c.json({ detail: "Successfully logged out." }, 200);
    },
  );

  app.openapi(
    route({
      method: "get",
      path: "/api/auth/user/",
      tags,
      summary: "The caller",
      responses: { 200: response(User, "The caller.") },
    }),
    async (c) => c.json(await readUser(c.var.claims), 200),
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/auth/update-profile/",
        tags,
        summary: "Change the caller's names",
        request: { body: body(ProfileChange) },
        responses: { 200: response(Profile, "The updated profile.") },
      }),
      async (c) => c.json(await updateProfile(c.var.claims, c.req.valid("json")), 200),
    );
  }

  app.openapi(
    route({
      method: "post",
      path: "/api/auth/change-password/",
      tags,
      summary: "Change the caller's password; all other sessions end",
      request: { body: body(PasswordChange) },
      responses: { 200: response(z.object({ message: z.string() }), "The password was changed.") },
    }),
    async (c) => {
      const { old_password, new_password } = c.req.valid("json");
      const prover = { claims: c.var.claims, token: accessToken(c), address: clientAddress(c) };
      await changePassword({ ...prover, old: old_password, new: new_password });
      return c.json({ message: "Password updated successfully" }, 200);
    },
  );
}
