import { createLocalJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { env } from "./env.ts";

/** Who signed in, as the access token says it. */
export interface Claims {
  /** The user's uuid. */
  sub: string;
  /** Seconds since 1970. */
  exp: number;
  /** All claims, as `auth.uid()` and the policies read them. */
  json: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const verified = new LRUCache<string, Claims>({ max: 5000 });
let keys: ReturnType<typeof createLocalJWKSet> | undefined;

/**
 * The claims of an access token of a signed-in user; a token is verified once and then remembered until it expires.
 * @returns undefined when the token is malformed, forged, expired or nobody's.
 */
export async function verifyToken(token: string): Promise<Claims | undefined> {
  const known = verified.get(token);
  if (known) return known.exp * 1000 > Date.now() ? known : undefined;
  const payload = await verifySignature(token);
  if (!payload || payload.role !== "authenticated" || !UUID.test(payload.sub!)) return undefined;
  const claims = { sub: payload.sub!, exp: payload.exp!, json: JSON.stringify(payload) };
  verified.set(token, claims);
  return claims;
}

async function verifySignature(token: string): Promise<JWTPayload | undefined> {
  const demands = { audience: "authenticated", requiredClaims: ["sub", "exp"] };
  try {
    if (decodeProtectedHeader(token).alg === "HS256") {
      const secret = env.jwtSecret();
      if (!secret) return undefined;
      return (await jwtVerify(token, new TextEncoder().encode(secret), { ...demands, algorithms: ["HS256"] })).payload;
    }
    keys ??= createLocalJWKSet(JSON.parse(env.jwks() ?? '{"keys":[]}'));
    return (await jwtVerify(token, keys, { ...demands, algorithms: ["ES256", "RS256", "EdDSA"] })).payload;
  } catch (error) {
    // Anything else than a token that does not hold is a fault of the set-up, and not the caller's.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}
