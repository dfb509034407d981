import { AuthRefusal, callAuth } from "../auth/auth_service.ts";
import { ApiError } from "../base/errors.ts";
import { beginLogin, endLogin } from "../db/db.ts";

/** The domain of addresses that are nobody's: accounts without an address of their own have one there. */
export const PLACEHOLDER_HOST = "users.parley.invalid";

/** The account that unknown names are tried with, so that they take as long as known ones. It has no profile. */
const STAND_IN = `nobody@${PLACEHOLDER_HOST}`;

/** 401, the same for an unknown user and a wrong password. */
export const noActiveAccount = () =>
  new ApiError(401, {
    detail: "No active account found with the given credentials",
    code: "no_active_account",
  }, { "WWW-Authenticate": "Bearer" });

/**
 * Tries a password, unless too many were tried before.
 * @param name a username or an address.
 * @param address of the client, if known.
 * @param signIn signs in with the address of the account.
 * @throws ApiError 429 with `Retry-After`, in seconds; 401 and whatever else `signIn` throws.
 */
export async function attemptLogin<T>(
  name: string,
  address: string | undefined,
  signIn: (email: string) => Promise<T>,
): Promise<T> {
  const { email, wait_seconds, has_password } = await beginLogin(name, address);
  if (wait_seconds > 0) {
    const detail = `Too many wrong passwords. Try again in ${wait_seconds} seconds.`;
    throw new ApiError(429, { detail, code: "too_many_attempts" }, { "Retry-After": String(wait_seconds) });
  }
  // Auth answers at once where it has no password to look at, which would tell who has an account.
  const session = await signIn(email && has_password ? email : await standIn()).catch(async (error) => {
    if (!(error instanceof ApiError && error.status === 401)) await endLogin(name, address, false);
    throw error;
  });
  // Whoever knows the password of the stand-in, it is nobody's account.
  if (!email || !has_password) throw noActiveAccount();
  await endLogin(name, address, true);
  return session;
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
