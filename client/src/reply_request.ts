import type { Connection } from "./connection.ts";
import { byStatus, ChatError, type ErrorCode } from "./errors.ts";

/**
 * Asks the function; resolves with its stream of events.
 * @throws ChatError
 */
export async function request(connection: Connection, path: string, body: Record<string, unknown>, stop: AbortSignal) {
  const { supabase, timeoutMs } = connection;
  const headers = { Accept: "text/event-stream" };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const signal = AbortSignal.any([stop, late.signal]);
  const { data, error, response } = await supabase.functions.invoke(`chat-sessions/api/v1/chat/sessions/${path}`, {
    body,
    headers,
    signal,
  });
  clearTimeout(timer);
  if (!error) return data as Response;
  if (!response) throw new ChatError("offline", 0, "The server was not reached.", { cause: error });
  throw failure(await response.json().catch(() => ({})), response.status);
}

const named = new Set<string>(["conversation_not_found", "message_not_found"] satisfies ErrorCode[]);

/** The answer of the function as a ChatError. */
export function failure({ detail, code }: { detail?: string; code?: string }, status: number): ChatError {
  const name = named.has(code ?? "") ? code as ErrorCode : statusName(status);
  return new ChatError(name, status, detail);
}

function statusName(status: number): ErrorCode {
  if (status === 502) return "responder_failed";
  if (status === 404) return "conversation_not_found";
  return byStatus(status) ?? (status === 403 ? "not_allowed" : "invalid_value");
}
