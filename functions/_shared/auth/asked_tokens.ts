import { decodeJwt, type JWTPayload } from "jose";
import { LRUCache } from "lru-cache";
import { unavailable } from "../base/errors.ts";
import { AuthRefusal, type AuthUser, callAuth } from "./auth_service.ts";

/** How long a refusal by Auth is remembered. */
const REFUSED_TTL_MS = 10_000;
/** The maximum number of open requests to Auth, since every forged token causes one. */
const MAX_OPEN = 50;

const refused = new LRUCache<string, true>({ max: 1000, ttl: REFUSED_TTL_MS });
const open = new Map<string, Promise<JWTPayload | undefined>>();

/**
 * Verifies an access token with Auth, when it cannot be verified here. Concurrent calls share one request.
 * @returns its claims, which hold; undefined when it is forged, has expired or its session has ended.
 * @throws ApiError 503 when Auth cannot be reached, or too many requests to it are open.
 */
export async function askAuth(token: string): Promise<JWTPayload | undefined> {
  const claims = decodeJwt(token);
  const isDue = [claims.aud].flat().includes("authenticated") && typeof claims.sub === "string" &&
    (claims.exp ?? 0) * 1000 > Date.now();
  if (!isDue || refused.has(token)) return undefined;
  const asked = open.get(token);
  if (asked) return await asked;
  if (open.size >= MAX_OPEN) throw unavailable();
  const answer = ask(token, claims).finally(() => open.delete(token));
  open.set(token, answer);
  return await answer;
}

async function ask(token: string, claims: JWTPayload): Promise<JWTPayload | undefined> {
  try {
    const { id } = await callAuth<AuthUser>("user", { method: "GET", token });
    return id === claims.sub ? claims : undefined;
  } catch (error) {
    if (!(error instanceof AuthRefusal)) throw error;
    refused.set(token, true);
  }
}
