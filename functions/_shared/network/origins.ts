import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { settings } from "../settings/settings.ts";

const EXPOSED = ["Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"];
const SHARED = { exposeHeaders: EXPOSED, maxAge: 86400 };
const anybody = cors({ ...SHARED, origin: "*" });
const listed = cors({ ...SHARED, origin: (origin) => origin, credentials: true });

/** Whether the setting ALLOWED_ORIGINS lists the origin of a page. */
export const isListedOrigin = (origin: string | undefined | null) =>
  Boolean(origin && settings.allowedOrigins().includes(origin));

/** Responds to the preflight requests of browsers: pages of all origins may call an API, and those of listed ones with cookies. */
export const answerPreflight: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== "OPTIONS") return await next();
  const isListed = isListedOrigin(c.req.header("Origin"));
  const response = await (isListed ? listed : anybody)(c, next);
  if (!isListed && settings.allowedOrigins().length > 0) (response ?? c.res).headers.append("Vary", "Origin");
  return response;
};

/** The headers by which a page of an origin may read the response to any other request. */
export function originHeaders(origin: string | undefined): Record<string, string> {
  const isListed = isListedOrigin(origin);
  return {
    "Access-Control-Allow-Origin": isListed ? origin! : "*",
    "Access-Control-Expose-Headers": EXPOSED.join(","),
    ...(isListed && { "Access-Control-Allow-Credentials": "true" }),
    ...(settings.allowedOrigins().length > 0 && { Vary: "Origin" }),
  };
}
