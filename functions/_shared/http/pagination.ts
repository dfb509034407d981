import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { outerAddress } from "../network/address.ts";
import { id } from "./fields.ts";

/** The most rows that a list answers with. */
export const MAX_ROWS = 1000;

/**
 * How many rows to answer with; what exceeds the most allowed is cut to it. Without it a client gets all there is up to
 * that, as clients of the old backends expect.
 */
export const limit = (fallback = MAX_ROWS) =>
  z.coerce.number({ error: "A valid integer is required." }).int("A valid integer is required.")
    .min(1, "Ensure this value is greater than or equal to 1.")
    .transform((value) => Math.min(value, MAX_ROWS))
    .default(fallback)
    .openapi({ type: "integer", minimum: 1, maximum: MAX_ROWS, default: fallback });

/** The cursor of a keyset page: rows before, or after, the one with this id. */
export const cursor = () => id().optional();

/** A page ends with the row that makes its texts longer than this: the limit of chat_private.page_bytes(). */
export const MAX_BYTES = 1024 * 1024;

/** How many rows a numbered page has. */
export const PAGE_SIZE = 20;

/** Names the next page in a `Link` header when the page is full, as there may be more. */
export function linkNext(c: Context, parameters: Record<string, unknown>): void {
  c.header("Link", `<${addressWith(c, parameters)}>; rel="next"`);
}

/** Names the pages before and after a page of a history. */
export function linkAround(c: Context, { before, after }: { before: number; after: number }): void {
  const around = { around: undefined, at: undefined };
  const links = [
    `<${addressWith(c, { ...around, before })}>; rel="prev"`,
    `<${addressWith(c, { ...around, after })}>; rel="next"`,
  ];
  c.header("Link", links.join(", "));
}

/** A numbered page as Django REST Framework answers it. */
export function numberedPage<T>(c: Context, page: number, count: number, results: T[]) {
  return {
    count,
    next: page * PAGE_SIZE < count ? addressWith(c, { page: page + 1 }) : null,
    previous: page > 1 ? addressWith(c, { page: page - 1 }) : null,
    results,
  };
}

/** The address of the request as the client knows it, with other parameters; without those that are undefined. */
function addressWith(c: Context, parameters: Record<string, unknown>): string {
  const { origin, prefix } = outerAddress(c);
  const url = new URL(origin + prefix + c.req.path + new URL(c.req.url).search);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  }
  return url.href;
}
