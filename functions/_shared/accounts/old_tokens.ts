import { errors, jwtVerify } from "jose";
import { exchangeOldToken } from "../db/db.ts";
import { settings } from "../settings/settings.ts";

const REQUIREMENTS = { algorithms: ["HS256"], requiredClaims: ["exp", "jti", "user_id"] };

/**
 * Exchanges a refresh token that simplejwt has signed for an imported backend for one of Auth. Each can be exchanged once.
 * @returns undefined for any other token, for one that was exchanged before, and where no key is set.
 */
export async function exchangedToken(token: string): Promise<string | undefined> {
  const key = settings.oldTokenKey();
  // Auth's own refresh tokens are not JWTs.
  if (!key || token.split(".").length !== 3) return undefined;
  const payload = await verified(token, key);
  const person = Number(payload?.user_id);
  if (payload?.token_type !== "refresh" || !Number.isSafeInteger(person)) return undefined;
  return await exchangeOldToken(person, String(payload.jti), payload.exp!);
}

async function verified(token: string, key: string) {
  try {
    return (await jwtVerify(token, new TextEncoder().encode(key), REQUIREMENTS)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
