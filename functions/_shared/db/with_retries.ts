import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../base/errors.ts";
import { translate } from "./database_errors.ts";

const RETRY_DELAYS_MS = [200, 500, 1000, 2000, 4000, 8000, 15_000];

/** Runs a write that is safe to repeat, and retries it while the database is unavailable. */
export async function withRetries<T>(write: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_DELAYS_MS) {
    try {
      return await write();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await sleep(wait);
    }
  }
  return await write();
}

/** Whether a retry may succeed. */
export function isTransient(error: unknown): boolean {
  const refusal = error instanceof ApiError ? error : translate(error, {});
  return refusal?.status === 503 || refusal?.body.code === "throttled";
}
