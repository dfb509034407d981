import type { Context } from "hono";
import { AuthRefusal, type AuthUser, callAuth, type Session } from "./auth-service.ts";
import { asUser, usernameAvailable } from "./db.ts";
import { ApiError, invalid } from "./errors.ts";
import { attemptLogin, PLACEHOLDER_HOST } from "./login-attempts.ts";
import { type Claims, verifyToken } from "./tokens.ts";

/** What someone gives to get an account. Without a username it gets one that is made from its address. */
export interface Registration {
  username?: string;
  password: string;
  email?: string;
  first_name?: string;
  last_name?: string;
}

/** The tokens of one session, under the names that the documents give them. */
export interface Tokens {
  access: string;
  refresh: string;
}

const MIN_PASSWORD = 6;
const USERNAME_TAKEN = "A user with that username already exists.";
const EMAIL_TAKEN = "A user with that email already exists.";

/** The address of the client, which Auth limits instead of that of the function. */
export const clientAddress = (c: Context) => c.req.header("X-Forwarded-For")?.split(",")[0]?.trim();

/** The access token of a request that `signedIn` has let pass. */
export const accessToken = (c: Context) => c.req.header("Authorization")!.split(" ")[1]!;

/** A session under the names of the documents. */
export const tokensOf = (session: Session): Tokens => ({
  access: session.access_token,
  refresh: session.refresh_token,
});

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

/**
 * Signs in with a username or an address.
 * @throws ApiError 401, the same for an unknown user and a wrong password; 429 after too many of those.
 */
export async function login(name: string, password: string, address?: string): Promise<Tokens> {
  return tokensOf(await attemptLogin(name, address, (email) => signIn(email, password, address)));
}

async function signIn(email: string, password: string, address?: string): Promise<Session> {
  try {
    return await callAuth<Session>("token?grant_type=password", { body: { email, password }, address });
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    const detail = "No active account found with the given credentials";
    throw new ApiError(401, { detail, code: "no_active_account" }, { "WWW-Authenticate": "Bearer" });
  }
}

/**
 * New tokens for a refresh token, which is used up by that.
 * @throws ApiError 401 when it is not, or no longer, valid.
 */
export async function refresh(token: string, address?: string): Promise<Tokens> {
  try {
    const body = { refresh_token: token };
    return tokensOf(await callAuth<Session>("token?grant_type=refresh_token", { body, address }));
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    const body = { detail: "Token is invalid or expired", code: "token_not_valid" };
    throw new ApiError(401, body, { "WWW-Authenticate": "Bearer" });
  }
}

/**
 * Ends the session of an access token, and that of a refresh token if it is of another: its refresh token is refused
 * from then on.
 */
export async function logout(accessToken: string, refreshToken?: string, address?: string): Promise<void> {
  await endSession(accessToken);
  if (refreshToken === undefined) return;
  const other = await refresh(refreshToken, address).catch((error) => {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  });
  if (other) await endSession(other.access);
}

async function endSession(accessToken: string): Promise<void> {
  await callAuth("logout?scope=local", { token: accessToken }).catch((error) => {
    if (!(error instanceof AuthRefusal)) throw error;
  });
}

/** What Auth has against the details of an account, naming the field; any other error as it is. */
export function accountRefusal(error: unknown): unknown {
  if (!(error instanceof AuthRefusal) || ![400, 409, 422].includes(error.status)) return error;
  if (/already|exists/.test(`${error.code} ${error.message}`)) return invalid("email", EMAIL_TAKEN);
  return invalid(/password/i.test(`${error.code} ${error.message}`) ? "password" : "email", error.message);
}
