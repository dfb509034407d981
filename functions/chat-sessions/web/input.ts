import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "@hono/zod-openapi";
import { ApiError } from "../../_shared/base/errors.ts";
import { readBody } from "../../_shared/http/body.ts";
import { fieldErrors } from "../../_shared/http/validation.ts";

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

const json = readBody(z.unknown());
const limited = bodyLimit({
  maxSize: 1024 * 1024,
  onError: () => {
    throw new ApiError(413, { detail: "Request body is larger than 1 MiB." });
  },
});

const hasForm = (c: Context) => FORM.test(c.req.header("Content-Type") ?? "");

/** Whether a form of a page was sent by the browser itself: it shows the answer, where a script would read it. */
export const isFormPost = (c: Context) => hasForm(c) && Boolean(c.req.header("Accept")?.includes("text/html"));

/** Reads a body, form or JSON, of 1 MiB at most. Raises 413, 415, and 400 for anything else. */
export const formOrJson: MiddlewareHandler = (c, next) => hasForm(c) ? limited(c, next) : json(c, next);

/**
 * The fields of a request that has passed `formOrJson`.
 * @throws ApiError 400 with a list of texts for each field that does not fit.
 */
export async function fieldsOf<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  const given = await rawFieldsOf(c);
  const { data, error } = schema.safeParse(given);
  if (error) throw new ApiError(400, fieldErrors(error, given));
  return data;
}

/** The fields as they were given, whatever they are. */
export async function rawFieldsOf(c: Context): Promise<unknown> {
  if (!hasForm(c)) return await c.req.json();
  return await c.req.parseBody().catch(() => {
    throw new ApiError(400, { detail: "The form cannot be read." });
  });
}
