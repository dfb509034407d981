import type { ContentfulStatusCode } from "hono/utils/http-status";

/** The body of a refusal, in the shape of Django REST Framework. */
export type ErrorBody = { detail: string; code?: string } | Record<string, unknown>;

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

/** What SQL raises by name, and what it means over HTTP. `field` names the column that is to blame. */
export const RAISED: Record<string, { status: ContentfulStatusCode; field?: string }> = {
  room_not_found: { status: 404 },
  message_not_found: { status: 404 },
  conversation_not_found: { status: 404 },
  user_not_found: { status: 404 },
  member_not_found: { status: 404 },
  role_required: { status: 403 },
  not_a_member: { status: 403 },
  sender_required: { status: 403 },
  direct_room_fixed: { status: 400 },
  owner_required: { status: 400 },
  invalid_members: { status: 400, field: "members" },
  invalid_role: { status: 400, field: "role" },
  invalid_marks: { status: 400, field: "seqs" },
  invalid_query: { status: 400, field: "query" },
  client_id_reused: { status: 409 },
  reply_not_found: { status: 404 },
  reply_running: { status: 409 },
  too_many_replies: { status: 429 },
  membership_fixed: { status: 400 },
  caller_required: { status: 400 },
  too_many_rows: { status: 400 },
  query_too_costly: { status: 400 },
  too_many_joins: { status: 429 },
  try_again: { status: 503 },
};

/** 404 as Django REST Framework says it. */
export const notFound = (code?: string) => new ApiError(404, { detail: "Not found.", ...(code && { code }) });

/** 401 for the token of an account that is gone. */
export const noAccount = () =>
  new ApiError(401, { detail: "User not found", code: "user_not_found" }, { "WWW-Authenticate": "Bearer" });

/** 400 that names a field. */
export const invalid = (field: string, ...messages: string[]) => new ApiError(400, { [field]: messages });

/** 429 for a client that asks for too much at once. */
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

/** 503 for what passes: the client may repeat the request. */
export const unavailable = (detail = "The service is temporarily unavailable, try again later.") =>
  new ApiError(503, { detail }, { "Retry-After": "1" });
