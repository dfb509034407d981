import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { getPath } from "hono/utils/url";
import type { Claims } from "../auth/tokens.ts";
import { ApiError, type ErrorBody } from "../base/errors.ts";
import { forRequest } from "../base/request.ts";
import { type FieldNames, translate } from "../db/database_errors.ts";
import { clientAddress, outerAddress } from "../network/address.ts";
import { isAllowedHost, refuseHost } from "../network/hosts.ts";
import { answerPreflight, originHeaders } from "../network/origins.ts";
import { checkSettings, settings } from "../settings/settings.ts";
import { serveDocs, toDocs } from "./docs.ts";
import { countRequests } from "./request_counts.ts";
import { validationHook } from "./validation.ts";

/** The variables of a request. `claims` is set only on routes for signed-in users. */
export interface Api {
  Variables: { requestId: string; claims: Claims; secureHeadersNonce?: string };
}

/** The options of an API. */
export interface ApiOptions {
  /** The function's name: the first part of its paths. */
  name: string;
  title: string;
  description: string;
  /** What columns are called in its bodies. */
  fields?: FieldNames;
  /** Makes further fields of its refusals. */
  alsoRefused?: (body: ErrorBody) => object;
}

/**
 * An app with all that the APIs share: CORS, request ids, a trailing slash or none, every refusal in the shape of
 * Django REST Framework, and its own OpenAPI document and pages.
 */
export function createApi(options: ApiOptions): OpenAPIHono<Api> {
  checkSettings();
  const app = new OpenAPIHono<Api>({ defaultHook: validationHook, getPath: pathWithin(options.name) });
  app.use(countRequests(options.name), ownHostsOnly, answerPreflight, requestId(), withCommonHeaders);
  app.use((c, next) => forRequest({ address: () => clientAddress(c), signal: c.req.raw.signal }, next));
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  app.notFound((c) => isRoot(c) ? toDocs(c) : c.json({ detail: "Not found." }, 404));
  app.onError((error, c) => {
    const refusal = asRefusal(error, options.fields ?? {});
    if (!refusal) console.error(`request ${c.var.requestId} failed:`, error);
    else if (refusal.status >= 500 && !isOwn503(error)) console.error(`request ${c.var.requestId}: ${error.message}`);
    const { status, body, headers } = refusal ?? hidden;
    return c.json({ ...options.alsoRefused?.(body), ...body }, status, headers);
  });
  serveDocs(app, options);
  return app;
}

/** Refuses requests for other hosts than those of ALLOWED_HOSTS. */
const ownHostsOnly: MiddlewareHandler = async (c, next) => {
  if (settings.allowedHosts().length > 0) {
    const { host } = new URL(outerAddress(c).origin);
    if (!isAllowedHost(host)) return refuseHost(host);
  }
  await next();
};

/**
 * Adds the headers of every response: pages of other origins may read it, browsers do not sniff its content type, and
 * caches store no personal data, unless a route decides otherwise.
 */
const withCommonHeaders: MiddlewareHandler<Api> = async (c, next) => {
  const headers = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Request-Id": c.var.requestId,
    ...originHeaders(c.req.header("Origin")),
  };
  // Now, because a header that is added to a finished response copies it.
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  await next();
  // A response that a route has made by itself has none of them.
  if (c.res.headers.has("X-Request-Id")) return;
  for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.header(name, value);
};

/** Whether a request is for the root of an API. */
const isRoot = (c: Context) => c.req.path === "/" && /^(GET|HEAD)$/.test(c.req.method);

const hidden = new ApiError(500, { detail: "Internal server error." });

/** The path after the function's name, always with its trailing slash, as the routes are written. */
function pathWithin(name: string): (request: Request) => string {
  return (request) => {
    const path = getPath(request);
    const rest = path.startsWith(`/${name}/`) || path === `/${name}` ? path.slice(name.length + 1) : path;
    return rest.endsWith("/") ? rest : `${rest}/`;
  };
}

function onMethodNotAllowed(c: Context, methods: string[]) {
  return c.json({ detail: `Method "${c.req.method}" not allowed.` }, 405, {
    Allow: [...methods, "OPTIONS"].join(", "),
  });
}

/** Its sentence is for the client; there is nothing more to log. */
const isOwn503 = (error: Error) => error instanceof ApiError && error.status === 503;

function asRefusal(error: Error, fields: FieldNames): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException) {
    return new ApiError(error.status as ApiError["status"], { detail: error.message });
  }
  return translate(error, fields);
}
