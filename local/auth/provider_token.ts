import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { AuthError, unexpectedFailure, validationFailed } from "./errors.ts";

/** `[auth.external.<provider>]`. */
export interface ProviderConfig {
  enabled?: boolean;
  client_id?: string;
  skip_nonce_check?: boolean;
}

/** The body of `grant_type=id_token`. */
export interface IdTokenBody {
  provider?: string;
  id_token?: string;
  nonce?: string;
}

/** Google, or its substitute in tests. */
const TEST_ISSUER = Deno.env.get("PARLEY_GOOGLE_ISSUER");
const ISSUERS = TEST_ISSUER ? [TEST_ISSUER] : ["https://accounts.google.com", "accounts.google.com"];
const KEYS_URL = Deno.env.get("PARLEY_GOOGLE_JWKS_URL") ?? "https://www.googleapis.com/oauth2/v3/certs";
const keys = createRemoteJWKSet(new URL(KEYS_URL));

/**
 * Verifies an ID token with the provider's public keys.
 * @returns its claims
 * @throws AuthError provider_disabled, validation_failed, unexpected_failure when the provider cannot be reached
 */
export async function verifyIdToken(body: IdTokenBody, config: ProviderConfig | undefined): Promise<JWTPayload> {
  if (!body.id_token) throw validationFailed("id_token required");
  if (body.provider !== "google") throw validationFailed(`Custom OIDC provider "${body.provider ?? ""}" not allowed`);
  const audience = config?.client_id?.split(",").map((id) => id.trim()).filter((id) => id !== "") ?? [];
  if (!config?.enabled || audience.length === 0) {
    throw new AuthError(400, "provider_disabled", `Provider (issuer "${ISSUERS[0]}") is not enabled`);
  }
  const claims = await verified(body.id_token, audience);
  if (!config.skip_nonce_check) await checkNonce(body.nonce, claims.nonce);
  return claims;
}

async function verified(token: string, audience: string[]): Promise<JWTPayload> {
  try {
    const demands = { issuer: ISSUERS, audience, algorithms: ["RS256", "ES256"], requiredClaims: ["sub", "exp"] };
    return (await jwtVerify(token, keys, demands)).payload;
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
      throw validationFailed("Unacceptable audience in id_token");
    }
    const isRefused = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    // jose reports a missing key set as any other generic failure.
    if (isRefused && error.code !== "ERR_JOSE_GENERIC") throw validationFailed("Bad ID token");
    console.error(error);
    throw unexpectedFailure("The provider's keys cannot be reached");
  }
}

/** The provider received a hash of the nonce, so that a stolen token cannot be used again. */
async function checkNonce(given: string | undefined, claimed: unknown): Promise<void> {
  if (Boolean(given) !== Boolean(claimed)) {
    throw validationFailed("Passed nonce and nonce in id_token should either both exist or not.");
  }
  if (!given) return;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(given));
  if (new Uint8Array(digest).toHex() !== claimed) throw validationFailed("Nonces mismatch");
}
