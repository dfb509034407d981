import { setTimeout as sleep } from "node:timers/promises";
import { translate } from "../_shared/database-errors.ts";
import { ApiError } from "../_shared/errors.ts";

const WAITS = [200, 500, 1000, 2000, 4000];

/** Runs a write that is safe to repeat, again while the database is away. */
export async function persistently<T>(write: () => Promise<T>): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(wait);
    }
  }
  return await write();
}

const isPassing = (error: unknown) => (error instanceof ApiError ? error : translate(error, {}))?.status === 503;
