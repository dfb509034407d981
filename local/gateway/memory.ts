import { log } from "../base/log.ts";

/** Far more than the stack takes; what takes it are half a message on many sockets, or answers that nobody reads. */
const limit = 1_500_000_000;
const lookMs = 250;
const restMs = 5_000;

/**
 * Calls `cut`, which closes all connections, when this process takes too much memory: clients connect again.
 * @returns what ends it.
 */
export function watchMemory(cut: () => Promise<void>, limitBytes = limit): () => void {
  let rested = 0;
  const timer = setInterval(() => {
    const { rss } = Deno.memoryUsage();
    if (rss < limitBytes || Date.now() < rested) return;
    rested = Date.now() + restMs;
    log(`${Math.round(rss / 1e6)} MB are in use, most likely by connections that do not go on; all are closed.`);
    cut();
  }, lookMs);
  return () => clearInterval(timer);
}
