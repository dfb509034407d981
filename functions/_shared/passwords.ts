import { login, logout } from "./sign-in.ts";
import { tokenNotValid } from "./auth.ts";
import { AuthRefusal, type AuthUser, callAuth } from "./auth-service.ts";
import { ApiError, invalid } from "./errors.ts";

/** A change of password. */
export interface PasswordChange {
  /** The access token of the person whose password it is. */
  token: string;
  old: string;
  new: string;
  /** The address of the client. */
  address?: string;
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
  const { token, address } = change;
  const { email } = await asAccount(() => callAuth<AuthUser>("user", { method: "GET", token }));
  // The token's own claim may tell an address of before.
  const proof = await login(email!, change.old, address).catch((error) => {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw invalid(fields.old, "Your old password was entered incorrectly. Please enter it again.");
  });
  try {
    const body = { password: change.new, current_password: change.old };
    await asAccount(() => callAuth("user", { method: "PUT", token, body }), fields.new);
    await asAccount(() => callAuth("logout?scope=others", { token }));
  } finally {
    await logout(proof.access);
  }
}

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
