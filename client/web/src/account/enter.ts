import { FunctionsHttpError, isAuthApiError, type SupabaseClient } from "@supabase/supabase-js";
import type { Key } from "../words/words.ts";

/** Messages for the error codes of Auth. */
const REASONS: Record<string, Key> = {
  invalid_credentials: "account.wrong",
  email_not_confirmed: "account.confirm",
  user_already_exists: "account.known",
  email_exists: "account.known",
  weak_password: "account.weak",
  over_request_rate_limit: "account.many",
};

/** Messages for the status codes of the login by username. */
const STATUSES: Record<number, Key> = { 401: "account.wrong", 429: "account.many" };

/** Returns the message for an error of Auth. */
export function reason(error: unknown): Key | undefined {
  if (!error) return undefined;
  if (!isAuthApiError(error)) return "error.offline";
  return REASONS[error.code ?? ""] ?? "account.failed";
}

/**
 * Signs in by email with Auth, or by username, which Auth does not know: accounts created through an API may have no
 * email of their own.
 * @returns the message of the failure, if it failed
 */
export async function signIn(supabase: SupabaseClient, name: string, password: string): Promise<Key | undefined> {
  if (!name.includes("@")) return await signInByUsername(supabase, name, password);
  const problem = reason((await supabase.auth.signInWithPassword({ email: name, password })).error);
  // A username may look like an email address.
  return problem === "account.wrong" ? await signInByUsername(supabase, name, password) : problem;
}

interface Session {
  access_token: string;
  refresh_token: string;
}

/** Signs in with the function `accounts`, which returns a session of Auth. */
async function signInByUsername({ auth, functions }: SupabaseClient, username: string, password: string) {
  const { data, error } = await functions.invoke<Session>("accounts/api/sign-in/", {
    body: { username, password },
  });
  if (data) return reason((await auth.setSession(data)).error);
  if (!(error instanceof FunctionsHttpError)) return "error.offline";
  return STATUSES[(error.context as Response).status] ?? "account.failed";
}
