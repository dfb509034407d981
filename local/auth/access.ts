import { jwtVerify } from "jose";
import type { Keys } from "../base/keys.ts";
import { AuthError } from "./errors.ts";

const BROWSER = /^\s*Mozilla\s*\/\s*5\s*\.\s*0/i;

/**
 * The project's API key in a request.
 * @throws AuthError no_authorization (401)
 */
export function requireKey(request: Request, keys: Keys): string {
  const apikey = request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey");
  if (!apikey) throw new AuthError(401, "no_authorization", "No API key found in request");
  if (![keys.secret_key, keys.service_role_key, keys.publishable_key, keys.anon_key].includes(apikey)) {
    throw new AuthError(401, "no_authorization", "Invalid API key");
  }
  return apikey;
}

/**
 * Accepts only the service: the secret key, or a token of role service_role with any key of the project.
 * @throws AuthError no_authorization (401), bad_jwt (403), not_admin (403)
 */
export async function requireService(request: Request, keys: Keys): Promise<void> {
  const apikey = requireKey(request, keys);
  const isSecret = apikey === keys.secret_key || apikey === keys.service_role_key;
  if (isSecret && BROWSER.test(request.headers.get("user-agent") ?? "")) {
    throw new AuthError(401, "no_authorization", "Forbidden use of secret API key in browser");
  }
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const isOwn = !bearer || bearer === apikey || bearer.startsWith("sb_");
  if (isOwn && isSecret) return;
  if (isOwn) throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  if (await roleOf(bearer, keys) !== "service_role") throw new AuthError(403, "not_admin", "User not allowed");
}

async function roleOf(token: string, { jwt_secret }: Keys): Promise<unknown> {
  try {
    return (await jwtVerify(token, new TextEncoder().encode(jwt_secret), { algorithms: ["HS256"] })).payload.role;
  } catch {
    throw new AuthError(403, "bad_jwt", "invalid JWT: unable to parse or verify signature");
  }
}
