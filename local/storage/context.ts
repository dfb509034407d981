import type { Context as HonoContext } from "hono";
import type { Context } from "./database.ts";

/** What policies may ask about a request. */
export function contextOf({ req: { raw, path } }: HonoContext, operation: string): Context {
  return { operation, method: raw.method, path, headers: Object.fromEntries(raw.headers) };
}
