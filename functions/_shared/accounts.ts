import { AuthRefusal, type AuthUser, callAuth, type Session } from "./auth-service.ts";
import { asUser, usernameAvailable } from "./db.ts";
import { ApiError, invalid } from "./errors.ts";
import { PLACEHOLDER_HOST } from "./login-attempts.ts";
import { signIn, type Tokens, tokensOf } from "./sign-in.ts";
import { type Claims, verifyToken } from "./tokens.ts";

/** What someone gives to get an account. Without a username it gets one that is made from its address. */
export interface Registration {
  username?: string;
  password: string;
  email?: string;
  first_name?: string;
  last_name?: string;
}

const MIN_PASSWORD = 6;
const USERNAME_TAKEN = "A user with that username already exists.";
const EMAIL_TAKEN = "A user with that email already exists.";

/**
 * Makes an account and signs it in. Without an address it gets a placeholder that is never shown.
 * @throws ApiError 400 that names `username`, `email` or `password`.
 */
export async function register(
  registration: Registration,
  address?: string,
): Promise<{ claims: Claims; tokens: Tokens }> {
  const { username, email } = registration;
  if (username !== undefined && !(await usernameAvailable(username))) throw invalid("username", USERNAME_TAKEN);
  const session = await (email ? signUp(registration, email, address) : createAccount(registration))
    .catch((error) => {
      throw accountRefusal(error);
    });
  const claims = (await verifyToken(session.access_token))!;
  if (username !== undefined) await keepOrUndo(claims, username);
  return { claims, tokens: tokensOf(session) };
}

/** With an address of one's own, the project's settings decide whether it must be confirmed first. */
async function signUp(registration: Registration, email: string, address?: string): Promise<Session> {
  const body = { email, password: registration.password, data: metadata(registration) };
  const answer = await callAuth<Session & AuthUser>("signup", { body, address });
  if (answer.access_token) return answer;
  // Auth hides that an address is taken behind an account without identities.
  if (answer.identities?.length === 0) throw invalid("email", EMAIL_TAKEN);
  throw new ApiError(403, { detail: "Confirm your email address, then sign in.", code: "email_not_confirmed" });
}

async function createAccount(registration: Registration): Promise<Session> {
  const email = `${crypto.randomUUID()}@${PLACEHOLDER_HOST}`;
  const { password } = registration;
  // Auth checks passwords where people sign up, but not where the service makes their account.
  if (password.length < MIN_PASSWORD) {
    throw invalid("password", `Password should be at least ${MIN_PASSWORD} characters.`);
  }
  const body = { email, password, email_confirm: true, user_metadata: metadata(registration) };
  await callAuth<AuthUser>("admin/users", { body, asService: true });
  return await signIn(email, password);
}

const metadata = ({ username, first_name = "", last_name = "" }: Registration) => ({ username, first_name, last_name });

/** Of two that took a name at once, one got another name than it asked for: that one is undone. */
async function keepOrUndo(claims: Claims, username: string): Promise<void> {
  const [[profile]] = await asUser(claims, (sql) => [
    sql`select username from chat.profiles where id = ${claims.sub}`,
  ]);
  if (profile?.username === username) return;
  await callAuth(`admin/users/${claims.sub}`, { method: "DELETE", asService: true });
  throw invalid("username", USERNAME_TAKEN);
}

/** What Auth has against the details of an account, naming the field; any other error as it is. */
export function accountRefusal(error: unknown): unknown {
  if (!(error instanceof AuthRefusal) || ![400, 409, 422].includes(error.status)) return error;
  if (/already|exists/.test(`${error.code} ${error.message}`)) return invalid("email", EMAIL_TAKEN);
  return invalid(/password/i.test(`${error.code} ${error.message}`) ? "password" : "email", error.message);
}
