import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { database } from "../support/clients.ts";
import { type OwnStack, ownStack } from "./own_stack.ts";
import { topicName } from "./rooms.ts";

const limits = {
  REALTIME_MAX_CONNECTIONS: "5",
  REALTIME_MAX_EVENTS_PER_SECOND: "40",
  REALTIME_MAX_JOINS_PER_SECOND: "50",
  REALTIME_MAX_CHANNELS_PER_CONNECTION: "20",
  REALTIME_IDLE_MS: "3000",
};
let stack: OwnStack;
let sql: Sql;

beforeAll(async () => {
  stack = await ownStack(limits);
  sql = database(stack.status);
});

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

test("a connection has a maximum number of channels", async () => {
  const wire = await stack.open();
  const replies = await Promise.all(Array.from({ length: 25 }, () => wire.join(topicName())));
  const refused = replies.map(({ payload }) => payload).filter(({ status }) => status === "error");
  expect(refused.length).toBe(5);
  expect(refused[0].response.reason).toBe("ChannelRateLimitReached: Too many channels");
  await wire.close();
});

test("an idle client is disconnected", async () => {
  const wire = await stack.open();
  await expect.poll(() => wire.closed).toBe(1000);
});

test("too many events a second close the channels that receive them", async () => {
  const [wire, other] = [await stack.open(), await stack.open()];
  const topic = topicName();
  await wire.join(topic);
  let closed: unknown;
  for (let n = 0; n < 100 && !closed; n++) {
    await sql`select realtime.send('{}', 'n', ${topic}, false) from generate_series(1, 50)`;
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
});

test("the number of connections is limited", async () => {
  // Those of other tests may still be closing.
  const wires = await Promise.all(Array.from({ length: 5 }, () => vi.waitFor(stack.open, { timeout: 20_000 })));
  await expect(stack.open()).rejects.toThrow("429");
  await Promise.all(wires.map((wire) => wire.close()));
  await expect.poll(() => stack.open().then((wire) => wire.close())).toBeUndefined();
});

test("clients that no longer respond make room for others", async () => {
  const wires = await Promise.all(Array.from({ length: 5 }, () => vi.waitFor(stack.open, { timeout: 20_000 })));
  for (const { web } of wires) web.pause();
  await expect(stack.open()).rejects.toThrow("429");
  const others = await Promise.all(wires.map(() => vi.waitFor(stack.open, { timeout: 20_000 })));
  for (const { web } of wires) web.terminate();
  await Promise.all(others.map((wire) => wire.close()));
});

test("too many joins a second close the connection", async () => {
  const wire = await stack.open();
  const join = () => wire.push(`realtime:${topicName()}`, "phx_join", { config: {} });
  // Above the limit also as an average of the seconds that the other tests took.
  for (let n = 0; n < 1_000; n++) join();
  // One after the other: what is written to a closed connection breaks it.
  const reason = async () => (await wire.reply(join())).payload.response.reason;
  let refusal = await reason();
  while (!refusal?.startsWith("ClientJoin")) {
    await sleep(100);
    refusal = await reason();
  }
  expect(refusal).toBe("ClientJoinRateLimitReached: Too many joins per second");
  await expect.poll(() => wire.closed).toBe(1000);
});
