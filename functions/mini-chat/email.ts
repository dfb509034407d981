import { accountRefusal } from "../_shared/accounts.ts";
import { tokenNotValid } from "../_shared/auth.ts";
import { AuthRefusal, type AuthUser, callAuth } from "../_shared/auth-service.ts";
import { invalid } from "../_shared/errors.ts";

/**
 * Changes the caller's address: at once in a project that trusts the addresses of those who sign up; in any other when
 * the mails that Auth sends are answered.
 * @returns the address that waits for that, if it does.
 * @throws ApiError 400 that names `email`, 401 when the session has ended.
 */
export async function changeEmail(token: string, email: string, address?: string): Promise<string | undefined> {
  const account = await callAuth<AuthUser>("user", { method: "GET", token }).catch((error) => {
    throw error instanceof AuthRefusal ? tokenNotValid() : error;
  });
  if (email.toLowerCase() === shown(account)) return undefined;
  if (!email) throw invalid("email", "This field may not be blank.");
  const changed = await (await trustsAddresses() ? setEmail(account, email) : askForEmail(token, email, address))
    .catch((error) => {
      throw accountRefusal(error);
    });
  return changed.email === email.toLowerCase() ? undefined : email;
}

/** The address as the account's owner sees it: a placeholder is none. */
const shown = ({ email = "" }: AuthUser) => email.endsWith(".invalid") ? "" : email;

async function trustsAddresses(): Promise<boolean> {
  const settings = await callAuth<{ mailer_autoconfirm: boolean }>("settings", { method: "GET" });
  return settings.mailer_autoconfirm === true;
}

/** As the service, for a person whom Auth asks for a confirmation wants one here, too, unlike at signing up. */
const setEmail = ({ id }: AuthUser, email: string) =>
  callAuth<AuthUser>(`admin/users/${id}`, { method: "PUT", body: { email, email_confirm: true }, asService: true });

const askForEmail = (token: string, email: string, address?: string) =>
  callAuth<AuthUser>("user", { method: "PUT", body: { email }, token, address });
