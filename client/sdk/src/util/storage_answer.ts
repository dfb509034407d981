import { byStatus, ChatError, type ErrorCode } from "./errors.ts";

/** An error of Storage: its `statusCode` is more exact than the status of the response. */
interface Failure {
  message: string;
  status?: number | undefined;
  statusCode?: string | undefined;
}

const CODES: Record<number, ErrorCode> = { 403: "not_allowed", 409: "already_exists" };

/**
 * Returns the data of an answer of Storage.
 * @throws ChatError
 */
export async function fromStorage<T>(answer: PromiseLike<{ data: T; error: Failure | null }>): Promise<NonNullable<T>> {
  const { data, error } = await answer;
  if (error) throw storageError(error);
  return data as NonNullable<T>;
}

/** Converts an error of Storage to a ChatError. */
export function storageError(error: Failure): ChatError {
  const status = Number(error.statusCode) || error.status || 0;
  const isExpired = status !== 0 && /\bjwt\b|"exp"/i.test(error.message);
  const code = status === 0 ? "offline" : isExpired ? "not_signed_in" : byStatus(status) ?? CODES[status];
  return new ChatError(code ?? "invalid_value", status, error.message, { cause: error });
}
