import { unavailable } from "../base/errors.ts";
import { projectUrl, publishableKey, secretKey } from "../settings/settings.ts";

/** A call to Storage. */
export interface StorageCall extends Omit<RequestInit, "headers"> {
  headers?: Record<string, string>;
  /** Acts as the user whose access token this is, otherwise as the service. */
  token?: string;
  /** Default: 60,000. */
  timeoutMs?: number;
}

/**
 * Calls Storage at a path under `/storage/v1/`.
 * @throws ApiError 503 when it cannot be reached.
 */
export function callStorage(
  path: string,
  { token, timeoutMs = 60_000, headers, ...init }: StorageCall,
): Promise<Response> {
  const key = token ? publishableKey() : secretKey();
  return fetch(`${projectUrl()}/storage/v1/${path}`, {
    ...init,
    headers: { ...headers, apikey: key, Authorization: `Bearer ${token ?? key}` },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(notReached);
}

/** For a call that got no answer from Storage. @throws ApiError 503 */
export function notReached(cause: unknown): never {
  console.error("Storage cannot be reached:", cause);
  throw unavailable();
}
