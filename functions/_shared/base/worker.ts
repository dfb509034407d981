import { settings } from "../settings/settings.ts";

const startedAt = Date.now();
const ending = new AbortController();
addEventListener("beforeunload", () => ending.abort());

/** Aborts when the platform ends this worker. */
export const shutdown: AbortSignal = ending.signal;

/** Keeps the worker alive until a promise settles; the platform ends a worker that seems idle. */
export function keepAlive(promise: Promise<unknown>): void {
  const { EdgeRuntime } = globalThis as { EdgeRuntime?: { waitUntil(promise: Promise<unknown>): unknown } };
  EdgeRuntime?.waitUntil(promise);
}

/** The remaining lifetime in milliseconds, jittered so that clients do not all reconnect at once. */
export function remainingLifetime(): number {
  const share = 0.9 + Math.random() * 0.05;
  return Math.max(startedAt + settings.workerSeconds() * 1000 * share - Date.now(), 0);
}
