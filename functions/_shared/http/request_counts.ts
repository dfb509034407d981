import type { MiddlewareHandler } from "hono";
import { setTimeout as sleep } from "node:timers/promises";
import { keepAlive, shutdown } from "../base/worker.ts";
import { addRequests, type RequestCount } from "../db/db.ts";

/** How long a worker counts before it adds what it has counted to that of the others. */
const COUNTING_MS = 10_000;
/** The steps of the histogram, as chat_private.metrics() has them, in seconds. */
const STEPS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

let counts = new Map<string, RequestCount>();
let isCounting = false;

/** Counts the requests of a function by status, and how long each takes until its response begins. */
export function countRequests(functionName: string): MiddlewareHandler {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const seconds = (performance.now() - started) / 1000;
    const up_to = STEPS.find((step) => seconds <= step) ?? "Infinity";
    add({ function_name: functionName, status: `${Math.floor(c.res.status / 100)}xx`, up_to, requests: 1, seconds });
    if (isCounting) return;
    isCounting = true;
    keepAlive(save());
  };
}

function add({ requests, seconds, ...which }: RequestCount): void {
  const key = Object.values(which).join(" ");
  const count = counts.get(key) ?? { ...which, requests: 0, seconds: 0 };
  counts.set(key, { ...which, requests: count.requests + requests, seconds: count.seconds + seconds });
}

/** Adds what was counted to the table, a while after the first of these requests, or when the worker ends. */
async function save(): Promise<void> {
  await sleep(COUNTING_MS, undefined, { signal: shutdown }).catch(() => {});
  const counted = [...counts.values()];
  counts = new Map();
  isCounting = false;
  try {
    await addRequests(counted);
  } catch {
    // With those of the next requests.
    counted.forEach(add);
  }
}
