import { z } from "@hono/zod-openapi";
import { type LimitedColumn, LIMITS } from "../base/limits.ts";

/** Text that Postgres can hold: no NUL characters, no half of a surrogate pair. */
export const text = () => storable(z.string());

/**
 * Text such as a name or a title, without the spaces around it, as in fields of Django.
 * @param column whose limit it has.
 */
export const trimmedText = (column?: LimitedColumn) => {
  const text = storable(z.string().trim());
  return column ? limited(text, column) : text;
};

/** The same, not empty. */
export const filledText = (column?: LimitedColumn) => filled(trimmedText(column));

/** Untrimmed text, with the limit of a column. */
export const limitedText = (column: LimitedColumn) => limited(text(), column);

/** The same, with more in it than spaces: a message. */
export const writing = (column: LimitedColumn) => filled(limitedText(column));

const storable = (field: z.ZodString) =>
  field
    .refine((value) => !value.includes("\0"), "Null characters are not allowed.")
    .refine((value) => value.isWellFormed(), "Surrogate characters are not allowed.");

/** A visible character: not a space, mark or invisible character. */
const SHOWN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}\u2800]/u;

/** The OpenAPI pattern is simpler: tools do not support Unicode classes. */
const filled = (field: z.ZodString) =>
  field.regex(SHOWN, "This field may not be blank.").openapi({ minLength: 1, pattern: "\\S" });

/** Counts characters as Postgres does: by code points. */
function limited(field: z.ZodString, column: LimitedColumn): z.ZodString {
  const most = LIMITS[column];
  const error = `Ensure this field has no more than ${most} characters.`;
  return field.refine((value) => value.length <= most || [...value].length <= most, error)
    .openapi({ maxLength: most });
}

/** An integer id in a body or a query, also as a string of digits. */
export const id = () =>
  z.union([z.number(), z.string()], { error: wrongId })
    .transform((value, context) => {
      const number = typeof value === "number" || /^\s*-?\d+\s*$/.test(value) ? Number(value) : NaN;
      if (Number.isSafeInteger(number)) return number;
      context.addIssue({ code: "custom", message: "A valid integer is required." });
      return z.NEVER;
    })
    .openapi({ type: "integer", format: "int64" });

function wrongId({ input }: { input?: unknown }): string {
  if (input === undefined) return "This field is required.";
  return input === null ? "This field may not be null." : "A valid integer is required.";
}

/** An integer id in a path, under this name; anything else raises 404. */
export const pathId = (name: string) =>
  z.string().regex(/^\d{1,15}$/).transform(Number)
    .openapi({ param: { name, in: "path" }, type: "integer", format: "int64" });

export const idParam = z.object({ id: pathId("id") });

/** A time, ISO 8601 with zone. */
export const time = () => z.string().openapi({ format: "date-time" });

/** The years 1 to 9999, which ISO 8601 and Postgres write alike. */
const [FIRST_MOMENT, LAST_MOMENT] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/** A moment in a query, to the microsecond. */
export const moment = () =>
  z.iso.datetime({ offset: true, error: "Datetime has wrong format. Use YYYY-MM-DDThh:mm:ss with Z or an offset." })
    .refine(
      (value) => Date.parse(value) >= FIRST_MOMENT && Date.parse(value) <= LAST_MOMENT,
      "The year is out of range.",
    )
    // Postgres knows fewer offsets, and a Date no microseconds.
    .transform((value) => `${new Date(value).toISOString().slice(0, 19)}${/\.\d{1,6}/.exec(value)?.[0] ?? ""}Z`)
    .openapi({ type: "string", format: "date-time" });

/** An id in an answer. */
export const answeredId = () => z.int().openapi({ format: "int64" });

/** What a refinement says of an object that has neither a field nor what stands for it. */
export const isMissing = (field: string) => ({
  path: [field],
  error: "This field is required.",
  when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null && !Array.isArray(value),
});
