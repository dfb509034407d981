import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Api } from "./app.ts";
import { readBody } from "./body.ts";
import { withSecretKey } from "./require_secret_key.ts";
import { signedIn } from "./require_user.ts";

const Detail = z.object({ detail: z.string(), code: z.string().optional() }).openapi("Error");
const TokenError = z.object({
  detail: z.string(),
  code: z.string().optional(),
  messages: z.array(z.object({ token_class: z.string(), token_type: z.string(), message: z.string() })).optional(),
}).openapi("TokenError");
const FieldErrors = z.union([z.record(z.string(), z.array(z.string())), Detail]).openapi("ValidationError");

const REFUSALS = {
  400: response(FieldErrors, "The request is malformed, or a field is invalid."),
  401: response(TokenError, "Not signed in."),
  403: response(Detail, "The caller may not do this."),
  404: response(Detail, "Not found, or not visible to the caller."),
  405: response(Detail, "Method not allowed; `Allow` lists the allowed methods."),
  409: response(Detail, "The key or id is already used for something else."),
  413: response(Detail, "The body is larger than 1 MiB."),
  415: response(Detail, "The body is neither JSON nor a form."),
  429: response(Detail, "Too many requests; retry after the seconds in `Retry-After`."),
  500: response(Detail, "Internal server error, logged with the request id."),
  503: response(Detail, "Temporarily unavailable; retry after the seconds in `Retry-After`."),
};

/** A response with a JSON body. */
export function response<T extends z.ZodType>(schema: T, description: string) {
  return { content: { "application/json": { schema } }, description };
}

/** The responses of a route whose `client_id` creates one item: 201, or 200 with what an earlier request created. */
export const createdOnce = <T extends z.ZodType>(schema: T, name: string) => ({
  201: response(schema, `The ${name}.`),
  200: response(schema, `The ${name} that an earlier request with this \`client_id\` or \`Idempotency-Key\` created.`),
});

/** A request with a body. It is declared as JSON, and taken as a form as well. */
export function body<T extends z.ZodType>(schema: T) {
  return { content: { "application/json": { schema } }, required: true as const };
}

type Config = Parameters<typeof createRoute>[0];

/** Reads the body of a route that has one. */
function bodyReader({ request }: Config): MiddlewareHandler[] {
  const { schema } = (request?.body?.content["application/json"] ?? {}) as { schema?: z.ZodType };
  return schema ? [readBody(schema)] : [];
}

/** A route for everyone, with the refusals that any route may answer. */
export function publicRoute<const R extends Config>(config: R) {
  const responses = { ...REFUSALS, ...config.responses } as R["responses"] & typeof REFUSALS;
  return createRoute({ ...config, responses, security: [], middleware: bodyReader(config) });
}

/** A route for signed-in users. */
export const route = <const R extends Config>(config: R) => guarded(config, signedIn);

/** A route for backends with a secret key. */
export const backendRoute = <const R extends Config>(config: R) => guarded(config, withSecretKey);

function guarded<const R extends Config>(config: R, guard: MiddlewareHandler<Api>) {
  const responses = { ...REFUSALS, ...config.responses } as R["responses"] & typeof REFUSALS;
  return createRoute({
    ...config,
    responses,
    security: [{ Bearer: [] }],
    middleware: [guard, ...bodyReader(config)],
  });
}
