import { z } from "@hono/zod-openapi";

/** Text that Postgres can hold: no NUL characters, no half of a surrogate pair. Its limits are those of its column. */
export const text = () =>
  z.string()
    .refine((value) => !value.includes("\0"), "Null characters are not allowed.")
    .refine((value) => value.isWellFormed(), "Surrogate characters are not allowed.");

/** An integer id in a body or a query, also as a string of digits. */
export const id = () =>
  z.union([z.number(), z.string()], { error: wrongId })
    .transform((value, context) => {
      const number = typeof value === "number" || /^-?\d+$/.test(value) ? Number(value) : NaN;
      if (Number.isSafeInteger(number)) return number;
      context.addIssue({ code: "custom", message: "A valid integer is required." });
      return z.NEVER;
    })
    .openapi({ type: "integer", format: "int64" });

function wrongId({ input }: { input?: unknown }): string {
  if (input === undefined) return "This field is required.";
  return input === null ? "This field may not be null." : "A valid integer is required.";
}

/** The integer id of a path; what is none, or beyond all ids, is not found. */
export const idParam = z.object({
  id: z.string().regex(/^\d{1,15}$/).transform(Number)
    .openapi({ param: { name: "id", in: "path" }, type: "integer", format: "int64" }),
});

/** A time, ISO 8601 with zone. */
export const time = () => z.string().openapi({ format: "date-time" });

/** An id in an answer. */
export const answeredId = () => z.int().openapi({ format: "int64" });

/** What a refinement says of an object that has neither a field nor what stands for it. */
export const isMissing = (field: string) => ({
  path: [field],
  error: "This field is required.",
  when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null && !Array.isArray(value),
});
