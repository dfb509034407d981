import { compactVerify, decodeJwt, decodeProtectedHeader } from "jose";
import type { Keys } from "../../base/keys.ts";

/** The claims of a verified token: at least these two. */
export type Claims = Record<string, unknown> & { role: string; exp: number };

export type TokenErrorKind = "expired" | "missing_claims" | "malformed" | "signature" | "signer" | "invalid";

/** The reason why a token is rejected. */
export class TokenError extends Error {
  constructor(readonly kind: TokenErrorKind, message: string) {
    super(message);
  }
}

const ALGORITHMS = ["HS256", "HS384", "HS512"];
const MAX_CACHED_TOKENS = 1_000;

/** Verifies tokens as the platform's server does; the keys of the project are exchanged for legacy tokens. */
export class Tokens {
  readonly #secret: Uint8Array;
  /** A cache: verifying takes longer than the rest of a join. */
  readonly #verified = new Map<string, Claims>();

  constructor(readonly keys: Keys) {
    this.#secret = new TextEncoder().encode(keys.jwt_secret);
  }

  /** The token for a key that begins with `sb_`. */
  exchange(key: string): string {
    if (key === this.keys.publishable_key) return this.keys.anon_key;
    return key === this.keys.secret_key ? this.keys.service_role_key : key;
  }

  /** @throws TokenError */
  async verify(text: string): Promise<Claims> {
    const token = text.replace(/\s/g, "");
    const known = this.#verified.get(token);
    if (known) return stillValid(known);
    const claims = stillValid(await this.#verify(token));
    if (this.#verified.size >= MAX_CACHED_TOKENS) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(token, claims);
    return claims;
  }

  async #verify(token: string): Promise<Record<string, unknown>> {
    requireShape(token);
    try {
      await compactVerify(token, this.#secret, { algorithms: ALGORITHMS });
    } catch {
      throw new TokenError("signature", "Failed to validate JWT signature");
    }
    return decodeJwt(token);
  }
}

/** @throws TokenError when the token has expired. */
export function stillValid(claims: Record<string, unknown>): Claims {
  const now = Math.floor(Date.now() / 1000);
  if (claims.iat !== undefined && typeof claims.iat !== "number") throw new TokenError("invalid", "Unknown error");
  if (claims.exp !== undefined) {
    if (typeof claims.exp !== "number") throw new TokenError("invalid", "Unknown error");
    if (claims.exp <= now) throw new TokenError("expired", `Token has expired ${now - claims.exp} seconds ago`);
  }
  if (claims.exp === undefined || claims.role === undefined) {
    throw new TokenError("missing_claims", "Fields `role` and `exp` are required in JWT");
  }
  return claims as Claims;
}

function requireShape(token: string): void {
  let header;
  try {
    decodeJwt(token);
    header = decodeProtectedHeader(token);
  } catch {
    throw new TokenError("malformed", "The token provided is not a valid JWT");
  }
  if (ALGORITHMS.includes(header.alg ?? "")) return;
  const which = header.kid ? `for key ID (kid) ${JSON.stringify(header.kid)}` : "";
  const message = `Failed to generate JWT signer${which && ` ${which}`}, check your JWT secret or JWKS configuration`;
  throw new TokenError("signer", message);
}
