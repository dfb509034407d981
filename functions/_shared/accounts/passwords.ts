import { AuthRefusal, type AuthUser, callAuth } from "../auth/auth_service.ts";
import type { Claims } from "../auth/tokens.ts";
import { ApiError, invalid, tokenNotValid } from "../base/errors.ts";
import { renewSession } from "../db/db.ts";
import { login, logout } from "./sign_in.ts";

/** Who proves that they know the password of an account, and from where. */
export interface Prover {
  claims: Claims;
  /** The access token of the person whose account it is. */
  token: string;
  /** The address of the client. */
  address?: string;
}

/** A change of password. */
export interface PasswordChange extends Prover {
  old: string;
  new: string;
}

/** What the two passwords are called in the body of an API. */
export interface PasswordFields {
  old: string;
  new: string;
}

const FIELDS: PasswordFields = { old: "old_password", new: "new_password" };

/**
 * Sets a new password for who knows the old one. The session of the token goes on, all others of the person end.
 * @throws ApiError 400 that names the field of the old or of the new password; 401 when the session has ended; 429.
 */
export async function changePassword(change: PasswordChange, fields: PasswordFields = FIELDS): Promise<void> {
  const { token, claims, address } = change;
  const { email } = await ownAccount(token);
  await provePassword(email!, change.old, fields.old, address);
  const body = { password: change.new, current_password: change.old };
  const set = () => callAuth("user", { method: "PUT", token, body, address });
  await asAccount(
    () =>
      set().catch(async (error) => {
        if (!(error instanceof AuthRefusal) || error.code !== "reauthentication_needed") throw error;
        await renewSession(claims);
        return await set();
      }),
    fields.new,
  );
  await asAccount(() => callAuth("logout?scope=others", { token }));
}

/**
 * Lets only those pass who know the password of an account.
 * @param field the name of the password in the body.
 * @throws ApiError 400 that names the field; 429 after too many wrong ones.
 */
export async function provePassword(email: string, password: string, field: string, address?: string): Promise<void> {
  const proof = await login(email, password, address).catch((error) => {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw invalid(field, `Your ${field.split("_")[0]} password was entered incorrectly. Please enter it again.`);
  });
  await logout(proof.access);
}

/**
 * The account of an access token as it is now; the token's claims may have an old address.
 * @throws ApiError 401 when the session has ended.
 */
export const ownAccount = (token: string) => asAccount(() => callAuth<AuthUser>("user", { method: "GET", token }));

/** What Auth refuses to a token whose session has ended is 401; what it has against a value names its field. */
async function asAccount<T>(call: () => Promise<T>, field?: string): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    if (field && ![401, 403, 404].includes(error.status)) throw invalid(field, error.message);
    throw tokenNotValid();
  }
}
