import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Credentials } from "../../_shared/accounts/account_fields.ts";
import { register } from "../../_shared/accounts/registration.ts";
import { login, logout, type Tokens } from "../../_shared/accounts/sign_in.ts";
import { ApiError } from "../../_shared/base/errors.ts";
import type { Api } from "../../_shared/http/app.ts";
import { clientAddress } from "../../_shared/network/address.ts";
import { Registration } from "../auth.ts";
import { loginPage, logoutPage, registrationPage } from "./account_pages.tsx";
import { answersPage } from "./answers.ts";
import { forgetTokens, keepTokens } from "./cookies.ts";
import type { FormState } from "./fields.tsx";
import { fieldsOf, formOrJson, rawFieldsOf } from "./input.ts";
import type { Html } from "./layout.tsx";
import { afterLogin, href, paths } from "./links.ts";
import { isOwn, ownPagesOnly } from "./origin.ts";
import { findVisitor } from "./visitor.ts";

/** The pages that sign in and out: docs/apis/chat-sessions.md#pages. */
export function accountRoutes(app: OpenAPIHono<Api>): void {
  accountForm(app, paths.register(), registrationPage, async (c) => {
    const { tokens } = await register(await fieldsOf(c, Registration), clientAddress(c));
    return tokens;
  });
  accountForm(app, paths.login(), loginPage, async (c) => {
    const { username, password } = await fieldsOf(c, Credentials);
    return await login(username, password, clientAddress(c));
  });

  app.get(paths.logout(), answersPage, async (c) => {
    // Neither a foreign page nor a browser that fetches ahead logs anybody out.
    const isMeant = isOwn(c) && !c.req.header("Sec-Purpose");
    return isMeant ? await leave(c) : c.html(logoutPage(c));
  });
  app.post(paths.logout(), answersPage, ownPagesOnly, leave);
}

/** A form that signs in: shown, sent, and shown again with its errors. */
function accountForm(
  app: OpenAPIHono<Api>,
  path: string,
  page: typeof loginPage,
  signIn: (c: Context<Api>) => Promise<Tokens>,
): void {
  app.get(path, answersPage, async (c) => {
    const next = c.req.query("next") ?? "";
    if (await findVisitor(c)) return c.redirect(afterLogin(c, next), 303);
    return c.html(page(c, { values: {}, errors: {}, next }));
  });

  app.post(path, answersPage, ownPagesOnly, formOrJson, async (c) => {
    const next = c.req.query("next") ?? "";
    try {
      await keepTokens(c, await signIn(c));
    } catch (error) {
      return await refused(c, error, (form) => page(c, { ...form, next }));
    }
    return c.redirect(afterLogin(c, next), 303);
  });
}

/** Shows the form again with the input and its errors; rethrows server errors. */
async function refused(c: Context, error: unknown, page: (form: FormState) => Html): Promise<Response> {
  if (!(error instanceof ApiError) || error.status >= 500) throw error;
  const { detail, code: _, ...fields } = error.body as Record<string, unknown>;
  const errors = typeof detail === "string" ? { non_field_errors: [detail] } : fields as FormState["errors"];
  const given = Object.entries(await rawFieldsOf(c) ?? {});
  const values = Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  return c.html(page({ values, errors }), error.status, error.headers);
}

async function leave(c: Context): Promise<Response> {
  const visitor = await findVisitor(c);
  if (visitor) await logout(visitor.access);
  forgetTokens(c);
  return c.redirect(href(c, paths.login()), 303);
}
