import { z } from "@hono/zod-openapi";
import { ApiError } from "../_shared/base/errors.ts";
import { PAGE_SIZE } from "../_shared/http/pagination.ts";

export { PAGE_SIZE };

const invalidPage = () => new ApiError(404, { detail: "Invalid page." });

/** The query of a list with numbered pages. A page that cannot be raises 404, as one beyond the end does. */
export const PageQuery = z.object({
  page: z.string().default("1")
    .transform((text) => {
      if (/^0*[1-9]\d{0,8}$/.test(text)) return Number(text);
      throw invalidPage();
    })
    .openapi({ type: "integer", minimum: 1, default: 1 }),
});

/** How many rows stand before a page. */
export const offsetOf = (page: number) => (page - 1) * PAGE_SIZE;

/** Raises 404 for a page beyond the last; the first is there even when it is empty. */
export function requirePage(page: number, count: number): void {
  if (page > 1 && offsetOf(page) >= count) throw invalidPage();
}

/** A page of a list with numbered pages. */
export const numbered = <T extends z.ZodType>(item: T, name: string) =>
  z.object({
    count: z.int(),
    next: z.url().nullable(),
    previous: z.url().nullable(),
    results: z.array(item),
  }).openapi(name);
