import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import { settings } from "../settings/settings.ts";
import { askAuth } from "./asked_tokens.ts";

/** The claims of a verified access token. */
export interface Claims {
  /** The user's uuid. */
  sub: string;
  /** Seconds since 1970. */
  exp: number;
  /** The session of Auth; undefined for a token that was not signed by Auth. */
  session?: string;
  /** All claims, as `auth.uid()` and the policies read them. */
  json: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const REQUIREMENTS = { audience: "authenticated", requiredClaims: ["sub", "exp"] };
const verified = new LRUCache<string, Claims>({ max: 5000 });

/**
 * The claims of an access token of a signed-in user; a token is verified once and then remembered until it expires.
 * @returns undefined when the token is malformed, forged, expired or not a user's.
 * @throws ApiError 503 when only Auth can verify the token, and cannot be reached.
 */
export async function verifyToken(token: string): Promise<Claims | undefined> {
  const known = verified.get(token);
  if (known) return known.exp * 1000 > Date.now() ? known : undefined;
  const payload = await verifySignature(token);
  if (!payload || payload.role !== "authenticated" || !UUID.test(payload.sub!)) return undefined;
  const session = UUID.test(String(payload.session_id)) ? { session: String(payload.session_id) } : {};
  const claims = { sub: payload.sub!, exp: payload.exp!, ...session, json: JSON.stringify(payload) };
  verified.set(token, claims);
  return claims;
}

async function verifySignature(token: string): Promise<JWTPayload | undefined> {
  try {
    const { alg } = decodeProtectedHeader(token);
    if (alg === "HS256") {
      const secret = await sharedSecret();
      // The key set of a hosted project lists no shared secret.
      return secret
        ? (await jwtVerify(token, secret, { ...REQUIREMENTS, algorithms: [alg] })).payload
        : await askAuth(token);
    }
    const algorithms = ["ES256", "RS256", "EdDSA"];
    return (await jwtVerify(token, publicKeys(), { ...REQUIREMENTS, algorithms })).payload;
  } catch (error) {
    // The signing key may be newer than the settings.
    if (error instanceof errors.JWKSNoMatchingKey) return await askAuth(token);
    // Every other error is a fault of the configuration, not of the token.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

let keySet: JSONWebKeySet | undefined;
let keys: ReturnType<typeof createLocalJWKSet> | undefined;

/** The platform sets an object or, in some versions, its array alone. */
function configuredKeys(): JSONWebKeySet {
  const given = (settings.supabaseJwks() ?? []) as JSONWebKeySet | JWK[];
  return keySet ??= Array.isArray(given) ? { keys: given } : given;
}

const publicKeys = () => keys ??= createLocalJWKSet(configuredKeys());

async function sharedSecret() {
  const secret = settings.jwtSecret() ?? settings.supabaseJwtSecret();
  if (secret) return new TextEncoder().encode(secret);
  const key = configuredKeys().keys.find(({ kty }) => kty === "oct");
  return key && await importJWK(key, "HS256");
}
