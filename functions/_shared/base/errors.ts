import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type ApiErrorName, type ErrorName, ERRORS } from "../../../client/sdk/src/contract/errors.ts";

/** The body of a refusal, in the shape of Django REST Framework. */
export type ErrorBody =
  | { detail: string; code?: ErrorName | ApiErrorName; messages?: unknown[] }
  | Record<string, string[]>;

/** A refusal: thrown anywhere, answered by the one error handler of the app. */
export class ApiError extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly body: ErrorBody,
    readonly headers: Record<string, string> = {},
  ) {
    super(JSON.stringify(body));
  }
}

/** A refusal by the name of an error, with the status of the catalogue. */
export const refused = (code: ErrorName, detail: string) => new ApiError(ERRORS[code], { detail, code });

/** 404 as Django REST Framework says it. */
export const notFound = (code?: ErrorName) => new ApiError(404, { detail: "Not found.", ...(code && { code }) });

const CHALLENGE = { "WWW-Authenticate": "Bearer" };

/** 401 for a request without a token. */
export const notAuthenticated = () =>
  new ApiError(401, { detail: "Authentication credentials were not provided." }, CHALLENGE);

/** 401 for an access token that is expired, forged or not a user's, or whose session has ended. */
export const tokenNotValid = () =>
  new ApiError(401, {
    detail: "Given token not valid for any token type",
    code: "token_not_valid",
    messages: [{ token_class: "AccessToken", token_type: "access", message: "Token is invalid or expired" }],
  }, CHALLENGE);

/** 401 for the token of a deleted account. */
export const noAccount = () => new ApiError(401, { detail: "User not found", code: "user_not_found" }, CHALLENGE);

/** 400 that names a field. */
export const invalid = (field: string, ...messages: string[]) => new ApiError(400, { [field]: messages });

/** 429 for a client that sends too many requests at once. */
export const throttled = (seconds = 1) =>
  new ApiError(429, {
    detail: `Request was throttled. Expected available in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
    code: "throttled",
  }, { "Retry-After": String(seconds) });

/** 503 for a read that was stopped because it took too long. */
export const tooSlow = () =>
  new ApiError(503, {
    detail: "This took too long and was stopped. Ask for something narrower, or try again later.",
    code: "too_slow",
  }, { "Retry-After": "5" });

/** 503 for a temporary failure: the client may retry. */
export const unavailable = (detail = "The service is temporarily unavailable, try again later.") =>
  new ApiError(503, { detail }, { "Retry-After": "1" });
