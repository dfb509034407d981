import type { Connection } from "../connection/connection.ts";
import { byStatus, ChatError, type ErrorCode } from "../util/errors.ts";

/** A request to the assistant's function. */
export interface AssistantRequest {
  /** The path below the list of conversations. */
  path: string;
  method: "GET" | "POST";
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/**
 * Sends a request to the function. Resolves with the response as soon as it begins.
 * @throws ChatError
 */
export async function request<T = Response>(
  { supabase, timeoutMs }: Connection,
  { path, method, body, headers }: AssistantRequest,
  stop?: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const { data, error, response } = await supabase.functions.invoke(`assistant/api/conversations/${path}`, {
    method,
    ...(body && { body }),
    ...(headers && { headers }),
    signal: stop ? AbortSignal.any([stop, late.signal]) : late.signal,
  });
  clearTimeout(timer);
  if (!error) return data as T;
  if (!response) throw new ChatError("offline", 0, "The server could not be reached.", { cause: error });
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  throw failure(await response.json().catch(() => ({})), response.status, retryAfter);
}

const NAMED_CODES = new Set<string>(
  [
    "conversation_not_found",
    "message_not_found",
    "client_id_reused",
    "reply_not_found",
    "reply_running",
    "reply_complete",
    "too_many_replies",
  ] satisfies ErrorCode[],
);

/** Converts an error response of the function to a ChatError. */
export function failure(
  body: { detail?: string; code?: string; message?: unknown },
  status: number,
  retryAfter?: number,
): ChatError {
  const { detail, code, message } = body;
  const name = NAMED_CODES.has(code ?? "") ? code as ErrorCode : statusName(status);
  const sentence = detail ?? (Array.isArray(message) ? String(message[0]) : undefined);
  return new ChatError(name, status, sentence, retryAfter === undefined ? {} : { retryAfter });
}

function statusName(status: number): ErrorCode {
  if (status === 502) return "responder_failed";
  if (status === 404) return "conversation_not_found";
  return byStatus(status) ?? (status === 403 ? "not_allowed" : "invalid_value");
}
