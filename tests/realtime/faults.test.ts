import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { promisify } from "node:util";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { type OwnStack, ownStack } from "./own_stack.ts";
import { topicName } from "./rooms.ts";
import type { Wire } from "./wire.ts";

// A stack of its own, whose Postgres is killed.
const settings = {
  REALTIME_MAX_BACKLOG_BYTES: "2000000",
  REALTIME_MAX_EVENTS_PER_SECOND: "1000000",
  REALTIME_MAX_JOINS_PER_SECOND: "1000000",
};
let stack: OwnStack;
let sql: Sql;
const open = () => stack.open();

beforeAll(async () => {
  stack = await ownStack(settings);
  sql = postgres(stack.status.db_url, { max: 1, onnotice: () => {}, idle_timeout: 1 });
});

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

/** The process that streams the database's changes. */
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
])(
  "after $fault clients stay connected, and are asked to rejoin since they missed events",
  async ({ kill }) => {
    const wire = await open();
    const topic = topicName();
    const { joinRef } = await wire.join(topic);
    await kill();
    await sleep(100);
    await wire.reply(wire.push("phoenix", "heartbeat", {}));
    expect(await wire.next("phx_error")).toMatchObject({ topic: `realtime:${topic}`, joinRef });
    expect((await wire.join(topic)).payload.status).toBe("ok");
    await untilHeard(wire, topic);
    expect(wire.closed).toBeUndefined();
    await wire.close();
  },
);

test("a client that does not read is dropped, and the others receive everything", async () => {
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

test("a transaction of 40 MB arrives whole and in order, and its reader is not dropped", async () => {
  const wire = await open();
  const topic = topicName();
  await wire.join(topic);
  const numbers: number[] = [];
  wire.web.on("message", (data: Buffer) => numbers.push(Number(/"n": (\d+)/.exec(data.toString())![1])));
  await sql`select count(realtime.send(jsonb_build_object('n', n, 'text', repeat('x', 2000)), 'n', ${topic}, false))
      from generate_series(1, 20000) as n`;
  await expect.poll(() => numbers.length).toBe(20_000);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  await wire.close();
});

test("10,000 topics and 500 private joins at once succeed, without delaying others", async () => {
  const { id: person, token: access_token } = await newUser("ann", stack.status);
  const other = await open();
  const wires = await Promise.all(Array.from({ length: 100 }, open));
  const joins = wires.flatMap((wire) => [
    ...Array.from({ length: 95 }, () => wire.join(topicName())),
    ...Array.from({ length: 5 }, () => {
      const topic = `user:${crypto.randomUUID()}`;
      return wire.join(topic, { private: true }, { access_token });
    }),
  ]);
  await other.reply(other.push("phoenix", "heartbeat", {}));
  const statuses = (await Promise.all(joins)).map(({ payload }) => payload.status);
  expect(statuses.filter((status) => status === "ok").length).toBe(9_500);
  const own = await other.join(`user:${person}`, { private: true }, { access_token });
  expect(own.payload.status).toBe("ok");
  await Promise.all([other, ...wires].map((wire) => wire.close()));
});
