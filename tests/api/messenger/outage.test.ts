import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startWorker } from "../../relay/worker.ts";
import { Cable } from "../cable.ts";
import { newPerson, type Person } from "../people.ts";

// A worker with a single connection to Postgres.
const cable = new Cable(inject("status").db_url);
let worker: Awaited<ReturnType<typeof startWorker>>;
let ann: Person;

beforeAll(async () => {
  await cable.plugIn();
  worker = await startWorker({ SUPABASE_DB_URL: cable.url, DB_POOL_SIZE: "1" });
  ann = await newPerson("ann");
});
afterAll(async () => {
  await worker.stop();
  cable.unplug();
});

async function ask() {
  const started = performance.now();
  const headers = { Authorization: `Bearer ${ann.access}` };
  const response = await fetch(`${worker.url}/messenger/api/chats/`, { headers });
  return { status: response.status, body: await response.json(), seconds: (performance.now() - started) / 1000 };
}

const refused = { detail: "The service is temporarily unavailable, try again later." };

test("GET /api/chats/ → 503 while Postgres refuses connections, 200 as soon as it accepts them", async () => {
  expect((await ask()).status).toBe(200);
  // Some requests in flight are cut off.
  const underWay = Array.from({ length: 20 }, ask);
  await sleep(5);
  cable.unplug();
  await Promise.all(underWay);
  for (let turn = 0; turn < 12; turn++) {
    const { status, body, seconds } = await ask();
    expect([status, body]).toEqual([503, refused]);
    expect(seconds).toBeLessThan(2);
    await sleep(50);
  }
  await cable.plugIn();
  const { status, seconds } = await ask();
  expect(status).toBe(200);
  expect(seconds).toBeLessThan(2);
});

test("GET /api/chats/ → 503 when Postgres stops responding, also for the requests queued behind", async () => {
  expect((await ask()).status).toBe(200);
  cable.silence();
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, ask));
  expect([first!.status, first!.body]).toEqual([503, refused]);
  for (const { status, seconds } of others) {
    expect([200, 503]).toContain(status);
    expect(seconds).toBeLessThan(20);
  }
  expect((await ask()).status).toBe(200);
});
