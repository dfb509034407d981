import { type ClientErrorName, type ErrorName, isErrorName } from "../contract/errors.ts";

/** Errors raised by the database, and those added on the way to it; the repository's `docs/errors.md` explains each. */
export type ErrorCode = ErrorName | ClientErrorName;

/**
 * Why a call failed. Branch on `code`; `message` is a sentence for people.
 *
 * @example
 * ```ts
 * try {
 *   await chat.rooms.join(roomId);
 * } catch (error) {
 *   if (!(error instanceof ChatError) || error.code !== "room_not_found") throw error;
 * }
 * ```
 */
export class ChatError extends Error {
  override readonly name = "ChatError";
  /** The seconds after which the same call may succeed; undefined if the server has not said so. */
  readonly retryAfter: number | undefined;
  /** When a ban, a mute or a suspension ends that is the reason; undefined if it does not end by itself. */
  readonly until: Date | undefined;
  /** What the operator or a moderator says about it; undefined if nothing. */
  readonly reason: string | undefined;

  /**
   * @param code the stable name
   * @param status the HTTP status; 0 if there was no response
   */
  constructor(
    readonly code: ErrorCode,
    readonly status: number,
    message: string = code,
    { retryAfter, until, reason, ...options }: ErrorOptions & { retryAfter?: number; until?: Date; reason?: string } =
      {},
  ) {
    super(message, options);
    this.retryAfter = retryAfter;
    this.until = until;
    this.reason = reason;
  }

  /** Whether the same call may succeed later: the network or the server was unavailable. */
  get passing(): boolean {
    return PASSING_CODES.has(this.code);
  }
}

const PASSING_CODES = new Set<ErrorCode>([
  "offline",
  "unavailable",
  "try_again",
  "rate_limited",
  "slow_mode",
  "not_signed_in",
]);

/**
 * SQLSTATE codes and classes. Rollbacks, lock timeouts and cancellations may succeed on a retry, and so does a call that was under
 * way while a migration added a column to what it returns (42804), or replaced a function that it calls (42883).
 */
const CODES_BY_SQLSTATE: Record<string, ErrorCode> = {
  "23503": "user_not_found",
  "23505": "already_exists",
  "42501": "not_allowed",
  "42804": "unavailable",
  "42883": "unavailable",
  "40": "unavailable",
  "55": "unavailable",
  "57": "unavailable",
};

interface Failure {
  code?: string;
  message?: string;
  details?: string | null;
  hint?: string | null;
}

/** Converts an error of the Data API to a ChatError. */
export function translate(error: Failure, status: number): ChatError {
  const code = nameOf(error, status);
  const sentence = (raised(error) ? error.details : error.message) || code;
  const retryAfter = code === "rate_limited" || code === "slow_mode" ? secondsOf(error.hint) : undefined;
  const isModerated = code === "banned" || code === "muted" || code === "suspended";
  return new ChatError(code, status, sentence, {
    cause: error,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(isModerated && endOf(error.hint)),
  });
}

/** The hint of an error of moderation. */
function endOf(hint: string | null | undefined): { until?: Date; reason?: string } {
  const { until, reason } = JSON.parse(hint || "{}") as { until?: string | null; reason?: string | null };
  return { ...(until && { until: new Date(until) }), ...(reason && { reason }) };
}

/** The seconds in the hint of an error of a limit. */
function secondsOf(hint: string | null | undefined): number | undefined {
  const [, seconds] = /"retry_after"\s*:\s*(\d+)/.exec(hint ?? "") ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

const raised = ({ code }: Failure) => /^PT\d{3}$/.test(code ?? "");

function nameOf(error: Failure, status: number): ErrorCode {
  // A session that has ended, or a deleted account: whatever waits goes on with the next sign-in.
  if (status === 401) return "not_signed_in";
  if (raised(error) && isErrorName(error.message ?? "")) return error.message as ErrorName;
  if (status === 0) return "offline";
  const { code = "" } = error;
  return byStatus(status) ?? CODES_BY_SQLSTATE[code] ?? CODES_BY_SQLSTATE[code.slice(0, 2)] ??
    (status >= 400 && status < 500 ? "invalid_value" : "unexpected");
}

/** The code that an HTTP status implies. */
export function byStatus(status: number): ErrorCode | undefined {
  if (status === 401) return "not_signed_in";
  if (status === 429) return "rate_limited";
  if (status === 408 || status >= 500) return "unavailable";
}

/** Converts anything thrown to a ChatError. */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  return new ChatError("unexpected", 0, error instanceof Error ? error.message : String(error), { cause: error });
}
