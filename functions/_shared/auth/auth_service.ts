import { ApiError, unavailable } from "../base/errors.ts";
import { projectUrl, publishableKey, secretKey } from "../settings/settings.ts";

const REQUEST_TIMEOUT_MS = 10_000;

/** The session that Auth returns at sign-in. */
export interface Session {
  access_token: string;
  refresh_token: string;
  user: AuthUser;
}

/** An account as Auth describes it. */
export interface AuthUser {
  id: string;
  email?: string;
  identities?: unknown[];
}

/** A refusal by Auth, identified by its stable code. */
export class AuthRefusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** A call to Auth. */
export interface AuthCall {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  /** Acts as the service instead of as a visitor. */
  asService?: boolean;
  /** Acts as the user whose access token this is. */
  token?: string;
  /** The address of the client, for Auth to limit it instead of all clients together. */
  address?: string;
}

/**
 * Calls Auth at a path under `/auth/v1/`.
 * @throws AuthRefusal with Auth's code; ApiError 429 or 503 when Auth is busy or away.
 */
export async function callAuth<T>(
  path: string,
  { method = "POST", body, asService, token, address }: AuthCall,
): Promise<T> {
  const secret = asService || address ? secretKey() : "";
  // Auth accepts a forwarded address only with a secret key. A legacy one is a token, which would act as the service.
  const key = asService || secret.startsWith("sb_") ? secret : publishableKey();
  const headers = new Headers({
    "apikey": key,
    "Content-Type": "application/json",
    "X-Supabase-Api-Version": "2024-01-01",
  });
  // Legacy keys are tokens themselves, and Auth looks for them here.
  const bearer = token ?? (key.startsWith("sb_") ? undefined : key);
  if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
  if (address) headers.set("Sb-Forwarded-For", address);
  const response = await fetch(`${projectUrl()}/auth/v1/${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((cause) => {
    console.error("Auth cannot be reached:", cause);
    throw unavailable();
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw refusal(response, answer);
}

function refusal(response: Response, answer: Record<string, unknown>): Error {
  const code = String(answer.error_code ?? answer.code ?? answer.error ?? "unknown");
  const message = String(answer.message ?? answer.msg ?? answer.error_description ?? code);
  if (response.status === 429) {
    const seconds = response.headers.get("Retry-After") ?? "60";
    return new ApiError(429, { detail: "Request was throttled." }, { "Retry-After": seconds });
  }
  if (response.status < 500) return new AuthRefusal(response.status, code, message);
  console.error(`Auth failed with ${response.status} ${code}: ${message}`);
  return unavailable();
}
