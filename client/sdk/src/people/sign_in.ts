import type { Supabase } from "../connection/supabase.ts";
import { byStatus, ChatError, type ErrorCode } from "../util/errors.ts";

/**
 * Signs in by a username, which Auth does not know, or by an email address. People who were imported from another backend
 * sign in like this with the password that they had there.
 *
 * @example
 * ```ts
 * import { signIn } from "parley-client";
 *
 * await signIn(supabase, "ann", "a long secret");
 * ```
 * @throws ChatError wrong_password, email_not_confirmed, rate_limited, offline, unavailable
 */
export async function signIn(
  { auth, functions }: Pick<Supabase, "auth" | "functions">,
  name: string,
  password: string,
): Promise<void> {
  if (name.includes("@")) {
    const { error } = await auth.signInWithPassword({ email: name, password });
    if (!error) return;
    // The function knows more: a username may look like an address, and an imported account may have its old password.
    if (error.code !== "invalid_credentials") throw failure(error, error.status, error.code);
  }
  const body = { username: name, password };
  const { data, error, response } = await functions.invoke("accounts/api/sign-in/", { body });
  if (error) throw failure(error, response?.status);
  const { error: refused } = await auth.setSession(data);
  if (refused) throw failure(refused, refused.status, refused.code);
}

function failure(cause: Error, status = 0, code = ""): ChatError {
  return new ChatError(nameOf(status, code), status, cause.message, { cause });
}

function nameOf(status: number, code: string): ErrorCode {
  if (code === "email_not_confirmed") return code;
  if (status === 0) return "offline";
  return status === 401 ? "wrong_password" : byStatus(status) ?? "unexpected";
}
