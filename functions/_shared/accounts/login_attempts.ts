import { setTimeout as sleep } from "node:timers/promises";
import { AuthRefusal, callAuth } from "../auth/auth_service.ts";
import { ApiError } from "../base/errors.ts";
import { beginLogin, endLogin } from "../db/db.ts";
import { adoptOldPassword, matchesOldPassword } from "./old_passwords.ts";

/** The domain of placeholder addresses, for accounts without an email address. */
export const PLACEHOLDER_HOST = "users.parley.invalid";

/** The account that unknown names are checked against, so that they take as long as known ones. It has no profile. */
const STAND_IN = `nobody@${PLACEHOLDER_HOST}`;

/** 401, the same for an unknown user and a wrong password. */
export const noActiveAccount = () =>
  new ApiError(401, {
    detail: "No active account found with the given credentials",
    code: "no_active_account",
  }, { "WWW-Authenticate": "Bearer" });

/** Where accounts were imported, a refusal comes at a whole multiple of this, in milliseconds after the attempt. */
const REFUSAL_STEP_MS = 1000;

/** Whether a sign-in failed by the name or the password. */
export const isNoActiveAccount = (error: unknown) =>
  error instanceof ApiError && "code" in error.body && error.body.code === "no_active_account";

/**
 * Tries a password, unless too many were tried before.
 * @param name a username or an address.
 * @param address of the client, if known.
 * @param signIn signs in with the address of the account.
 * @throws ApiError 429 with `Retry-After`, in seconds; 401 and whatever else `signIn` throws.
 */
export async function attemptLogin<T>(
  name: string,
  password: string,
  address: string | undefined,
  signIn: (email: string) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const { email, wait_seconds, has_password, old, other_hash, has_imported } = await beginLogin(name, address);
  if (wait_seconds > 0) {
    const detail = `Too many wrong passwords. Try again in ${wait_seconds} seconds.`;
    throw new ApiError(429, { detail, code: "too_many_attempts" }, { "Retry-After": String(wait_seconds) });
  }
  try {
    const isOpen = has_password || old !== undefined && await adoptOldPassword(old, password, address);
    // Auth answers sooner without a password to compare, which would reveal who has an account.
    const session = await signIn(email && isOpen ? email : await standIn());
    // The stand-in is no account of a user, even with the right password.
    if (!email || !isOpen) throw noActiveAccount();
    await endLogin(name, address, true);
    return session;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) await endLogin(name, address, false);
    else if (has_imported) await beAsSlow(old ? null : other_hash, password, address, began);
    throw error;
  }
}

/** An imported account whose hash was checked takes longer than the others, which would reveal who has an account. */
async function beAsSlow(hash: string | null, password: string, address: string | undefined, began: number) {
  if (hash !== null) await matchesOldPassword(hash, password, address);
  // Hashes differ in kind and cost.
  await sleep(REFUSAL_STEP_MS - (performance.now() - began) % REFUSAL_STEP_MS);
}

let made: Promise<unknown> | undefined;

async function standIn(): Promise<string> {
  made ??= callAuth("admin/users", {
    body: { email: STAND_IN, password: crypto.randomUUID(), email_confirm: true },
    asService: true,
  }).catch((error) => {
    // There already; anything else is tried again.
    if (!(error instanceof AuthRefusal)) made = undefined;
  });
  await made;
  return STAND_IN;
}
