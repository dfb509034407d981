import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { settings } from "../settings/settings.ts";

const EXPOSED = ["Link", "Location", "Retry-After", "X-Request-Id"];
const SHARED = { exposeHeaders: EXPOSED, maxAge: 86400 };
const anybody = cors({ ...SHARED, origin: "*" });
const listed = cors({ ...SHARED, origin: (origin) => origin, credentials: true });

/** Whether the setting ALLOWED_ORIGINS lists the origin of a page. */
export const isListedOrigin = (origin: string | undefined | null) =>
  Boolean(origin && settings.allowedOrigins().includes(origin));

/** Lets pages of all origins call an API, and those of listed ones with cookies. */
export const allowOrigins: MiddlewareHandler = async (c, next) => {
  if (isListedOrigin(c.req.header("Origin"))) return await listed(c, next);
  const response = await anybody(c, next);
  if (settings.allowedOrigins().length > 0) (response ?? c.res).headers.append("Vary", "Origin");
  return response;
};
