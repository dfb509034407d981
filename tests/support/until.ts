import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again until the answer is right.
 * @returns the right answer
 * @throws after `timeoutMs`, with the last answer
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  isRight: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() - started > timeoutMs) throw new Error(`Still not right: ${JSON.stringify(answer)}`);
    await sleep(20);
  }
}
