import { decodeJwt, type JWTPayload } from "jose";
import { LRUCache } from "lru-cache";
import { unavailable } from "../base/errors.ts";
import { AuthRefusal, type AuthUser, callAuth } from "./auth_service.ts";

/** How long it is remembered that Auth does not know a token. */
const REFUSED_TTL_MS = 10_000;
/** How many questions may be open: whoever makes tokens up asks with each of them. */
const MAX_OPEN = 50;

const refused = new LRUCache<string, true>({ max: 1000, ttl: REFUSED_TTL_MS });
const open = new Map<string, Promise<JWTPayload | undefined>>();

/**
 * Asks Auth about an access token that cannot be verified here, once for all who ask at the same time.
 * @returns its claims, which hold; undefined when it is forged, has expired or its session has ended.
 * @throws ApiError 503 when Auth is away, or asked too much.
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
