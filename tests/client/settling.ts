import { setTimeout as sleep } from "node:timers/promises";

/** What has not changed for so long will not change any more. */
const QUIET_MS = 20_000;

/**
 * Waits until what is seen is right, however slow the machine is.
 * @param look returns what is seen now
 * @param check throws while it is not right
 * @throws what `check` throws, once nothing has changed for a while
 */
export async function settles<T>(look: () => T | Promise<T>, check: (seen: T) => void): Promise<void> {
  let before = "";
  for (let changedAt = performance.now();;) {
    const seen = await look();
    try {
      return check(seen);
    } catch (error) {
      const now = JSON.stringify(seen);
      if (now !== before) changedAt = performance.now();
      before = now;
      if (performance.now() - changedAt > QUIET_MS) throw error;
    }
    await sleep(50);
  }
}
