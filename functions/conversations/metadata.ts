import { z } from "@hono/zod-openapi";

const MAX_DEPTH = 100;
/** NUL, or half of a surrogate pair, as JSON.stringify writes them; what a text says of such escapes has two backslashes. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** An object that Postgres can hold as jsonb. How large it may be its column says. */
export const metadata = () =>
  z.record(z.string(), z.unknown())
    .refine((value) => depthOf(value) <= MAX_DEPTH, { error: `At most ${MAX_DEPTH} levels are allowed.`, abort: true })
    .refine((value) => !UNSTORABLE.test(JSON.stringify(value)), "Null and surrogate characters are not allowed.");

/** How deep a value is nested, counted no further than one level too many. */
function depthOf(value: unknown): number {
  let level = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((inner) => inner !== null && typeof inner === "object" ? Object.values(inner) : []);
    if (level.length === 0) return depth;
  }
  return MAX_DEPTH + 1;
}
