import { isAuthApiError, type SupabaseClient } from "@supabase/supabase-js";
import { ChatError, type ErrorCode, signIn } from "parley-client";
import type { Key } from "../words/words.ts";
import "../words/late.ts";

/** Messages for the error codes of Auth. */
const REASONS: Record<string, Key> = {
  email_not_confirmed: "account.confirm",
  user_already_exists: "account.known",
  email_exists: "account.known",
  weak_password: "account.weak",
  over_request_rate_limit: "account.many",
};

/** Messages for why a sign-in failed. */
const FAILURES: Partial<Record<ErrorCode, Key>> = {
  wrong_password: "account.wrong",
  email_not_confirmed: "account.confirm",
  rate_limited: "account.many",
  offline: "error.offline",
};

/** Returns the message for an error of Auth. */
export function reason(error: unknown): Key | undefined {
  if (!error) return undefined;
  if (!isAuthApiError(error)) return "error.offline";
  return REASONS[error.code ?? ""] ?? "account.failed";
}

/**
 * Signs in by email or username.
 * @returns the message of the failure, if it failed
 */
export async function enter(supabase: SupabaseClient, name: string, password: string): Promise<Key | undefined> {
  try {
    await signIn(supabase, name, password);
  } catch (error) {
    return error instanceof ChatError && FAILURES[error.code] || "account.failed";
  }
}
