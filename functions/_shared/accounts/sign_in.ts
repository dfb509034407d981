import { AuthRefusal, callAuth, type Session } from "../auth/auth_service.ts";
import { ApiError, type ErrorBody } from "../base/errors.ts";
import { attemptLogin, isNoActiveAccount, noActiveAccount } from "./login_attempts.ts";
import { exchangedToken } from "./old_tokens.ts";

/** The tokens of a session, as the APIs name them. */
export interface Tokens {
  access: string;
  refresh: string;
}

/** The tokens of a session of Auth. */
export const tokensOf = (session: Session): Tokens => ({
  access: session.access_token,
  refresh: session.refresh_token,
});

/**
 * Signs in with a username or an address.
 * @throws ApiError 401, the same for an unknown user and a wrong password; 429 after too many of those.
 */
export async function login(name: string, password: string, address?: string): Promise<Tokens> {
  return tokensOf(await attemptLogin(name, password, address, (email) => signIn(email, password, address)));
}

/** Refuses a wrong password as an old backend did, with 400. For `catch`; all other errors are thrown again. */
export const refuseLogin = (body: ErrorBody) => (error: unknown): never => {
  throw isNoActiveAccount(error) ? new ApiError(400, body) : error;
};

/**
 * Signs in with an address.
 * @throws ApiError 401 for a wrong password.
 */
export async function signIn(email: string, password: string, address?: string): Promise<Session> {
  try {
    return await callAuth<Session>("token?grant_type=password", { body: { email, password }, address });
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    throw noActiveAccount();
  }
}

/**
 * New tokens for a refresh token of Auth or of an imported backend. Each refresh token works once.
 * @throws ApiError 401 when it is not, or no longer, valid.
 */
export async function refresh(token: string, address?: string): Promise<Tokens> {
  try {
    const body = { refresh_token: await exchangedToken(token) ?? token };
    return tokensOf(await callAuth<Session>("token?grant_type=refresh_token", { body, address }));
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    const body: ErrorBody = { detail: "Token is invalid or expired", code: "token_not_valid" };
    throw new ApiError(401, body, { "WWW-Authenticate": "Bearer" });
  }
}

/**
 * Ends the session of an access token, and that of a refresh token if it is of another: its refresh token is refused
 * from then on.
 */
export async function logout(accessToken: string, refreshToken?: string, address?: string): Promise<void> {
  await endSession(accessToken);
  if (!refreshToken) return;
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
