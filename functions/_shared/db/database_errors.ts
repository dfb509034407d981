import { z } from "zod";
import type { ErrorName } from "../../../client/sdk/src/contract/errors.ts";
import { ApiError, invalid, noAccount, notFound, tokenNotValid, unavailable } from "../base/errors.ts";

/** The fields of an error of postgres.js, from the server or the connection. */
interface DatabaseError {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
  table_name?: string;
  column_name?: string;
  constraint_name?: string;
}

/** How columns are named in the bodies of an API, such as `{ content: "text" }`. */
export type FieldNames = Record<string, string>;

/** Connections lost or refused, timeouts, resources used up, deadlocks: the next try may succeed. */
const TRANSIENT = /^(08|40|53|57|25P03|55P03|CONNECT|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND)/;

/** Foreign keys of columns that always hold the caller. */
const OF_CALLER =
  /^(client_keys_owner_id|conversations_owner_id|friendships_user_id|posts_author_id|user_status_user_id)_fkey$/;

/**
 * The refusal that an error of the database means, the only such translation there is.
 * @returns undefined for an internal error, which clients must not see.
 */
export function translate(error: unknown, names: FieldNames): ApiError | undefined {
  if (!isDatabaseError(error)) return undefined;
  const { code } = error;
  if (code.startsWith("PT")) return raised(error, names);
  if (TRANSIENT.test(code)) return unavailable();
  if (code === "42501") return new ApiError(403, { detail: "You do not have permission to perform this action." });
  if (code === "23503" && OF_CALLER.test(error.constraint_name ?? "")) return noAccount();
  const field = fieldOf(error, names);
  if (code === "23505") return invalid(field, "This value is already taken.");
  if (code === "23503") return invalid(field, "Invalid pk - object does not exist.");
  if (code === "23502") return invalid(field, "This field may not be null.");
  if (code === "23514" && field === "metadata") {
    return invalid(field, "Ensure this field has no more than 16384 bytes of JSON.");
  }
  if (code === "23514") return invalid(field, "This value is empty, too long or not allowed here.");
  if (code.startsWith("22")) return invalid(field, "Not a valid value.");
  return undefined;
}

/** Seconds after which a client may retry. */
const RETRY_AFTER: { [name in ErrorName]?: number } = {
  too_many_joins: 60,
  too_many_replies: 5,
  too_many_uploads: 3600,
  try_again: 1,
};

/** The column that is to blame for an error of status 400. */
const COLUMN: { [name in ErrorName]?: string } = {
  invalid_members: "members",
  invalid_role: "role",
  invalid_until: "until",
  invalid_cursor: "cursor",
  word_refused: "content",
  invalid_marks: "seqs",
  invalid_query: "query",
  invalid_emoji: "emoji",
  invalid_attachment: "file",
  invalid_mentions: "mentions",
};

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

/** The errors of limits. Their hint names the action and the seconds after which it may succeed. */
const LIMIT_ERRORS = new Set<string>(["rate_limited", "slow_mode"] satisfies ErrorName[]);
const LimitHint = z.object({ action: z.string(), limit: z.number(), window: z.number(), retry_after: z.number() });

/** The seconds that an error of the database says to wait, and its headers. */
export function limitOf(error: unknown): { seconds: number; headers: Record<string, string> } | undefined {
  if (!isDatabaseError(error) || !LIMIT_ERRORS.has(error.message)) return undefined;
  const { action, limit, window, retry_after: seconds } = LimitHint.parse(JSON.parse(error.hint ?? ""));
  return {
    seconds,
    headers: {
      "Retry-After": String(seconds),
      "RateLimit-Policy": `"${action}";q=${limit};w=${window}`,
      "RateLimit": `"${action}";r=0;t=${seconds}`,
    },
  };
}

function raised(error: DatabaseError, names: FieldNames): ApiError {
  const { code, message, detail } = error;
  const name = message as ErrorName;
  const status = Number(code.slice(2)) as ApiError["status"];
  const sentence = detail ?? name;
  if (name === "session_ended") return tokenNotValid();
  if (name === "no_account") return noAccount();
  if (status === 404) return notFound(name);
  const column = COLUMN[name];
  if (status === 400) return invalid(column ? names[column] ?? column : "non_field_errors", sentence);
  const seconds = RETRY_AFTER[name];
  const headers = limitOf(error)?.headers ?? (seconds ? { "Retry-After": String(seconds) } : {});
  return new ApiError(status, { detail: sentence, code: name }, headers);
}

/** `messages_content_check` speaks of `content`. */
function fieldOf(error: DatabaseError, names: FieldNames): string {
  const prefix = `${error.table_name}_`;
  const column = error.column_name ??
    error.constraint_name?.replace(prefix, "").replace(/(_look)?_(check|key|fkey|pkey)$/, "");
  return column ? names[column] ?? column.replace(/_id$/, "") : "non_field_errors";
}
