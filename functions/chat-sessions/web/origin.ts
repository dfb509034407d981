import type { Context, MiddlewareHandler } from "hono";
import { ApiError } from "../../_shared/base/errors.ts";
import { isSameSite, outerAddress } from "../../_shared/network/address.ts";

/**
 * Whether a request was made by one of these pages, or by the person in front of the browser.
 *
 * Browsers say where a request comes from in `Sec-Fetch-Site` (over https, and to this machine), else in `Origin` or
 * `Referer`. A request without them does not come from a browser, so no cookies were abused.
 */
export function isOwn(c: Context): boolean {
  const site = c.req.header("Sec-Fetch-Site");
  if (site) return site === "same-origin" || site === "none";
  const from = c.req.header("Origin") ?? c.req.header("Referer");
  return from === undefined || isSameSite(from, outerAddress(c).origin);
}

/** Refuses what a page of another origin sends. Raises 403. */
export const ownPagesOnly: MiddlewareHandler = async (c, next) => {
  if (!isOwn(c)) throw new ApiError(403, { detail: "This request came from a page of another site.", code: "foreign" });
  await next();
};
