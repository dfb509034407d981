import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { settings } from "../settings/settings.ts";
import type { Api } from "./app.ts";
import { notAuthenticated } from "../base/errors.ts";

/** Requires a secret key, in `apikey` or as the bearer. */
export const withSecretKey: MiddlewareHandler<Api> = async (c, next) => {
  const given = c.req.header("apikey") ?? /^bearer\s+(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  const keys = [...Object.values(settings.supabaseSecretKeys() ?? {}), settings.supabaseServiceRoleKey()];
  if (!keys.some((key) => key !== undefined && isSame(given, key))) throw notAuthenticated();
  await next();
};

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
