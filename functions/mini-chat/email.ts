import { ownAccount, provePassword, type Prover } from "../_shared/accounts/passwords.ts";
import { accountRefusal, trustsAddresses } from "../_shared/accounts/registration.ts";
import { type AuthUser, callAuth } from "../_shared/auth/auth_service.ts";
import { invalid } from "../_shared/base/errors.ts";

/** A change of address: an account is recovered by it, so that it takes the password, too. */
export interface EmailChange {
  email: string;
  current_password?: string;
}

/**
 * Changes the caller's address: at once in a project that asks for no confirmation of those who sign up, where it does
 * not count as proven; in any other when the mails that Auth sends are answered.
 * @returns the address that waits for that, if it does.
 * @throws ApiError 400 that names `email` or `current_password`, 401 when the session has ended, 429.
 */
export async function changeEmail(
  { email, current_password }: EmailChange,
  { token, address }: Prover,
): Promise<string | undefined> {
  const account = await ownAccount(token);
  if (email.toLowerCase() === shown(account)) return undefined;
  if (!email) throw invalid("email", "This field may not be blank.");
  if (!current_password) throw invalid("current_password", "This field is required to change the email address.");
  await provePassword(account.email!, current_password, "current_password", address);
  const changed = await (await trustsAddresses() ? setEmail(account, email) : askForEmail(token, email, address))
    .catch(async (error) => {
      throw await accountRefusal(error, email);
    });
  return changed.email === email.toLowerCase() ? undefined : email;
}

/** The address as the account's owner sees it: a placeholder is none. */
const shown = ({ email = "" }: AuthUser) => email.endsWith(".invalid") ? "" : email;

/** As the service, for a person whom Auth asks for a confirmation wants one here, too, unlike at signing up. */
const setEmail = ({ id }: AuthUser, email: string) =>
  callAuth<AuthUser>(`admin/users/${id}`, { method: "PUT", body: { email }, asService: true });

const askForEmail = (token: string, email: string, address?: string) =>
  callAuth<AuthUser>("user", { method: "PUT", body: { email }, token, address });
