import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { promisify } from "node:util";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { topicName } from "./people.ts";
import { Wire } from "./wire.ts";

// A stack of its own: here Postgres is killed, and the limits are low.
const limits = {
  REALTIME_MAX_EVENTS_PER_SECOND: "40",
  REALTIME_MAX_JOINS_PER_SECOND: "1000",
  REALTIME_MAX_CHANNELS_PER_CONNECTION: "20",
  REALTIME_MAX_BACKLOG_BYTES: "2000000",
  REALTIME_IDLE_MS: "3000",
};

let stack: Stack;
let sql: Sql;
const open = () => Wire.open("2.0.0", { key: stack.status.publishable_key, url: stack.status.api_url });

beforeAll(async () => {
  Object.assign(process.env, limits);
  stack = await startStack();
  for (const name of Object.keys(limits)) delete process.env[name];
  sql = postgres(stack.status.db_url, { max: 1, onnotice: () => {}, idle_timeout: 1 });
}, 120_000);

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const send = (topic: string, n: number) => sql`select realtime.send(${sql.json({ n })}, 'n', ${topic}, false)`;

async function untilHeard(wire: Wire, topic: string): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 20_000; await sleep(50)) {
    await send(topic, 0).catch(() => {});
    if (await wire.next("broadcast", 200).catch(() => undefined)) return;
  }
  throw new Error("Nothing is heard any more.");
}

/** The process that sends the stream of the database. */
async function walSender(): Promise<number> {
  const [row] = await sql`select pid from pg_stat_replication where application_name = 'realtime_replication'`;
  return row!.pid;
}

async function parentOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=", "-p", String(pid)]);
  return Number(stdout);
}

test.each([
  { fault: "a lost stream of the database", kill: async () => process.kill(await walSender(), "SIGTERM") },
  { fault: "a killed Postgres", kill: async () => process.kill(await parentOf(await walSender()), "SIGKILL") },
])("$fault is followed anew, and no client is lost", async ({ kill }) => {
  const wire = await open();
  const topic = topicName();
  await wire.join(topic);
  await kill();
  await sleep(100);
  await wire.reply(wire.push("phoenix", "heartbeat", {}));
  await untilHeard(wire, topic);
  expect(wire.closed).toBeUndefined();
  await wire.close();
});

test("who does not read is dropped, and the others hear everything", async () => {
  const [slow, reader, sender] = await Promise.all([open(), open(), open()]);
  const topic = topicName();
  await slow.join(topic);
  await reader.join(topic);
  const { joinRef } = await sender.join(topic, { broadcast: { ack: true } });
  slow.web.pause();
  const text = "x".repeat(100_000);
  for (let n = 0; n < 120; n++) {
    await sender.reply(sender.broadcast(topic, "n", { n, text }, joinRef));
    expect((await reader.next("broadcast")).payload.payload.n).toBe(n);
  }
  slow.web.resume();
  await expect.poll(() => slow.closed).toBe(1008);
  expect(slow.received.length).toBeLessThan(120);
  await Promise.all([reader.close(), sender.close()]);
});

test("a connection has room for so many channels", async () => {
  const wire = await open();
  const replies = await Promise.all(Array.from({ length: 25 }, () => wire.join(topicName())));
  const refused = replies.map(({ payload }) => payload).filter(({ status }) => status === "error");
  expect(refused.length).toBe(5);
  expect(refused[0].response.reason).toBe("ChannelRateLimitReached: Too many channels");
  await wire.close();
});

test("a client that says nothing is let go", async () => {
  const wire = await open();
  await expect.poll(() => wire.closed, { timeout: 12_000 }).toBe(1000);
}, 20_000);

test("too many events a second close the channels that hear them", async () => {
  const [wire, other] = [await open(), await open()];
  const topic = topicName();
  await wire.join(topic);
  let closed: unknown;
  for (let n = 0; n < 100 && !closed; n++) {
    for (let burst = 0; burst < 50; burst++) await send(topic, n);
    const response = await fetch(`${stack.status.api_url}/realtime/v1/api/broadcast/${topic}/events/n`, {
      method: "POST",
      body: "{}",
      headers: { apikey: stack.status.publishable_key },
    });
    if (response.status === 429) closed = await response.json();
    for (const one of [wire, other]) one.push("phoenix", "heartbeat", {});
    await sleep(100);
  }
  expect(closed).toEqual({ message: "Too many requests" });
  const { joinRef: own } = await other.join(topic, { broadcast: { self: true } });
  other.broadcast(topic, "last", {}, own);
  const { payload } = await wire.next((message) => message.event === "system");
  expect(payload).toMatchObject({ status: "error", message: "Too many messages per second" });
  await wire.next("phx_close");
  await Promise.all([wire.close(), other.close()]);
}, 40_000);
