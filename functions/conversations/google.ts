import { decodeJwt } from "jose";
import { type Tokens, tokensOf } from "../_shared/accounts/sign_in.ts";
import { AuthRefusal, callAuth, type Session } from "../_shared/auth/auth_service.ts";
import { ApiError, invalid, unavailable } from "../_shared/base/errors.ts";
import { settings } from "../_shared/settings/settings.ts";

const EXCHANGE_TIMEOUT_MS = 10_000;

/** Google's tokens for a code. */
interface Grant {
  id_token: string;
  access_token?: string;
}

/**
 * Signs in with an authorization code from Google, and creates the account if there is none with that address.
 * @throws ApiError 400 that names `code`; 503 when signing in with Google is not set up, or Google cannot be reached.
 */
export async function loginWithGoogle(code: string, address?: string): Promise<Tokens> {
  const { id_token, access_token } = await exchange(code);
  const google = identity(id_token);
  // Auth would make an account without one, which no other way leads to.
  if (google && !google.email) throw invalid("code", "Google returned no email address: request the scope email.");
  const body = { provider: "google", id_token, access_token };
  const signIn = () => callAuth<Session>("token?grant_type=id_token", { body, address });
  try {
    return tokensOf(await signIn().catch((error) => isTransient(error) ? signIn() : Promise.reject(error)));
  } catch (error) {
    const isRefused = error instanceof AuthRefusal;
    if (!isRefused && !isTransient(error)) throw error;
    if (isRefused && error.code === "provider_disabled") throw notSetUp("enable Google in the settings of Auth");
    // Auth says so in several ways, or fails.
    if (google && String(google.email_verified) !== "true") {
      throw invalid("code", "Google has not verified the email address.");
    }
    throw isRefused ? invalid("code", error.message) : error;
  }
}

/** Auth fails one of two concurrent first logins. The code is used up, so the client cannot retry. */
const isTransient = (error: unknown) => error instanceof ApiError && error.status === 503;

/** What an ID token says, which Auth verifies; undefined when it is malformed. */
function identity(token: string): { email?: string; email_verified?: unknown } | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

async function exchange(code: string): Promise<Grant> {
  const needed = [settings.googleClientId, settings.googleClientSecret, settings.googleRedirectUri] as const;
  const missing = needed.filter((setting) => !setting()).map(({ definition }) => definition.name);
  if (missing.length > 0) throw notSetUp(`set ${missing.join(", ")}`);
  const [client_id, client_secret, redirect_uri] = needed.map((setting) => setting()!) as [string, string, string];
  const { status, grant } = await ask({
    grant_type: "authorization_code",
    code,
    client_id,
    client_secret,
    redirect_uri,
  });
  if (status === 200 && typeof grant.id_token === "string") return grant as unknown as Grant;
  if (status === 200) {
    throw invalid("code", "Google returned no ID token: request the scopes openid, email and profile.");
  }
  if (status === 400 && ["invalid_grant", "invalid_request"].includes(String(grant.error))) {
    throw invalid("code", "Google rejected the code: it is wrong, already used or expired.");
  }
  console.error(`Google refused an exchange with ${status}: ${grant.error} ${grant.error_description ?? ""}`);
  throw unavailable("Google sign-in is temporarily unavailable, try again later.");
}

/** Posts a form to Google's token endpoint. */
async function ask(form: Record<string, string>): Promise<{ status: number; grant: Record<string, unknown> }> {
  try {
    const response = await fetch(settings.googleTokenUrl(), {
      method: "POST",
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),
    });
    return { status: response.status, grant: await response.json() ?? {} };
  } catch (cause) {
    console.error("Google's token endpoint cannot be reached:", cause);
    throw unavailable("Google cannot be reached, try again later.");
  }
}

function notSetUp(remedy: string): ApiError {
  return new ApiError(503, { detail: `Signing in with Google is not set up: ${remedy}.`, code: "google_not_set_up" });
}
