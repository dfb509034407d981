import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Api } from "../../_shared/http/app.ts";
import { forgetTokens } from "./cookies.ts";
import { errorPage } from "./error_page.tsx";
import { isFormPost } from "./input.ts";
import { loginHref, paths } from "./links.ts";

/** Pages load only their own scripts and styles, and cannot be framed. */
const hardened = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  // Without any referrer, browsers would call the origin of a form `null`.
  referrerPolicy: "same-origin",
  // The proxy that ends TLS decides that.
  strictTransportSecurity: false,
});

const hardenedAndPrivate: MiddlewareHandler<Api> = (c, next) =>
  hardened(c, async () => {
    await next();
    // Other origins may read the API, not the pages.
    c.header("Access-Control-Allow-Origin", undefined);
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  });

/** For routes that answer with a page: so do their refusals. Who must sign in first is sent to do that. */
export const answersPage: MiddlewareHandler<Api> = (c, next) =>
  hardenedAndPrivate(c, async () => {
    await next();
    if (c.error) c.res = await refusedPage(c);
  });

/** For routes that answer scripts with JSON. */
export const answersScript: MiddlewareHandler<Api> = (c, next) =>
  hardenedAndPrivate(c, async () => {
    await next();
    if (c.error) c.res = c.json({ success: false, error: await sentence(c.res) }, c.res.status as 400);
  });

/** For routes that answer scripts with JSON, and forms with a page. */
export const answersBoth: MiddlewareHandler<Api> = (c, next) =>
  isFormPost(c) ? answersPage(c, next) : answersScript(c, next);

async function refusedPage(c: Context<Api>): Promise<Response> {
  if (c.res.status !== 401) return c.html(errorPage(c, c.res.status, await sentence(c.res)), c.res.status as 400);
  // The tokens of a deleted account are still valid.
  if (c.get("claims")) forgetTokens(c);
  for (const name of ["Content-Type", "WWW-Authenticate"]) c.header(name, undefined);
  return c.redirect(loginHref(c, c.req.method === "GET" ? c.req.path : paths.home()), 303);
}

/** What the API says against a request, in one sentence. */
async function sentence(response: Response): Promise<string> {
  const body = await response.clone().json() as Record<string, unknown>;
  const [first] = typeof body.detail === "string" ? [body.detail] : Object.values(body).flat();
  return String(first ?? "");
}
