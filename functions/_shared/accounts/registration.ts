import { AuthRefusal, type AuthUser, callAuth, type Session } from "../auth/auth_service.ts";
import { type Claims, verifyToken } from "../auth/tokens.ts";
import { ApiError, invalid, unavailable } from "../base/errors.ts";
import { asUser, isAddressTaken, usernameAvailable } from "../db/db.ts";
import { PLACEHOLDER_HOST } from "./login_attempts.ts";
import { signIn, type Tokens, tokensOf } from "./sign_in.ts";

/** The details of a new account. Without a username, one is derived from the email address. */
export interface Registration {
  username?: string;
  password: string;
  email?: string;
  first_name?: string;
  last_name?: string;
  /** Whether others see the address, as in an API whose document shows those of others; off in the others. */
  showsEmail?: boolean;
}

const USERNAME_TAKEN = "A user with that username already exists.";
const EMAIL_TAKEN = "A user with that email already exists.";

/**
 * Makes an account and signs it in. Without an address it gets a placeholder that is never shown. An account that
 * cannot be signed in is removed, so that the client can register again.
 * @throws ApiError 400 that names `username`, `email` or `password`; 403 when the address must be confirmed first.
 */
export async function register(
  registration: Registration,
  address?: string,
): Promise<{ claims: Claims; tokens: Tokens }> {
  const { username, email } = registration;
  if (username !== undefined && !(await usernameAvailable(username))) throw invalid("username", USERNAME_TAKEN);
  const { id, enter } = await (email ? signUp(registration, email, address) : createAccount(registration, address))
    .catch(async (error) => {
      throw await accountRefusal(error, email);
    });
  try {
    const session = await enter();
    const claims = await verifyToken(session.access_token);
    if (!claims) throw unverifiable();
    if (username !== undefined) await requireUsername(claims, username);
    return { claims, tokens: tokensOf(session) };
  } catch (error) {
    await callAuth(`admin/users/${id}`, { method: "DELETE", asService: true }).catch((cause) => {
      console.error(`The account ${id}, whose registration failed, could not be removed:`, cause);
    });
    throw error;
  }
}

/** A new account, and a function that signs in to it. */
interface Made {
  id: string;
  enter: () => Promise<Session>;
}

/** With an email address, the project's settings decide whether it must be confirmed first. */
async function signUp(registration: Registration, email: string, address?: string): Promise<Made> {
  const body = { email, password: registration.password, data: metadata(registration) };
  const session = await callAuth<Session>("signup", { body, address });
  // The same when the address is taken, which Auth does not reveal then.
  if (!session.access_token) {
    throw new ApiError(403, { detail: "Confirm your email address, then sign in.", code: "email_not_confirmed" });
  }
  return { id: session.user.id, enter: () => Promise.resolve(session) };
}

async function createAccount(registration: Registration, address?: string): Promise<Made> {
  const email = `${crypto.randomUUID()}@${PLACEHOLDER_HOST}`;
  const { password } = registration;
  const body = { email, password, email_confirm: true, user_metadata: metadata(registration) };
  const { id } = await callAuth<AuthUser>("admin/users", { body, asService: true });
  return { id, enter: () => signIn(email, password, address) };
}

const metadata = ({ username, first_name = "", last_name = "", showsEmail = false }: Registration) => ({
  username,
  first_name,
  last_name,
  ...(showsEmail && { show_email: true }),
});

function unverifiable(): ApiError {
  console.error("The access tokens of Auth cannot be verified here: set JWT_SECRET, or SUPABASE_JWKS with its keys.");
  return unavailable();
}

/** Of two concurrent registrations with one name, one gets another name. */
async function requireUsername(claims: Claims, username: string): Promise<void> {
  const [[profile]] = await asUser(claims, (sql) => [
    sql`select username from chat.profiles where id = ${claims.sub}`,
  ]);
  if (profile?.username !== username) throw invalid("username", USERNAME_TAKEN);
}

/**
 * Converts a refusal of Auth to a 400 that names the field; returns other errors unchanged.
 * @param email the address of the account.
 */
export async function accountRefusal(error: unknown, email?: string): Promise<unknown> {
  // Auth fails when it writes an address that another request has just taken, or that the service gives to two accounts.
  const hasFailed = error instanceof ApiError && error.status === 503;
  if (hasFailed && email && await trustsAddresses() && await isAddressTaken(email)) {
    return invalid("email", EMAIL_TAKEN);
  }
  if (!(error instanceof AuthRefusal) || ![400, 409, 422].includes(error.status)) return error;
  if (/already|exists/.test(`${error.code} ${error.message}`)) return invalid("email", EMAIL_TAKEN);
  return invalid(/password/i.test(`${error.code} ${error.message}`) ? "password" : "email", error.message);
}

/** Whether the project asks for no confirmation of an address; only then may anyone learn that it has an account. */
export async function trustsAddresses(): Promise<boolean> {
  const settings = await callAuth<{ mailer_autoconfirm: boolean }>("settings", { method: "GET" });
  return settings.mailer_autoconfirm === true;
}
