import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryStack } from "../local/run.ts";
import { appClient } from "../support/clients.ts";
import { topicName } from "./rooms.ts";
import { Wire } from "./wire.ts";

// A stack as npm start makes it, except for a low limit of events.
let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: postgres.Sql;
let api: string;
let key: string;
beforeAll(async () => {
  stack = await temporaryStack([], { REALTIME_MAX_EVENTS_PER_SECOND: "20", REALTIME_JOIN_BACKOFF_MS: "50" });
  ({ api_url: api, publishable_key: key } = stack.status);
  sql = postgres(stack.status.db_url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const open = () => Wire.open("2.0.0", { key, url: api });

const post = (path: string, body: unknown) =>
  fetch(`${api}/realtime/v1/api/broadcast${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { apikey: key, "Content-Type": "application/json" },
  });

/** A user in a group of their own, who receives its events. */
async function member(name: string) {
  const supabase = appClient({ stack: stack.status, key });
  const { data, error } = await supabase.auth.signUp({ email: `${name}@example.com`, password: "a long secret" });
  if (error) throw error;
  const chat = supabase.schema("chat");
  const { data: room } = await chat.rpc("create_group_room", { name: "Tea" });
  const wire = await open();
  const { payload } = await wire.join(room.topic, { private: true }, { access_token: data.session!.access_token });
  expect(payload.status).toBe("ok");
  const write = async (content: string) => {
    const { error } = await chat.rpc("send_message", { room_id: room.id, content });
    if (error) throw error;
  };
  const contents = () =>
    wire.received.flatMap(({ event, payload }) =>
      event === "broadcast" && payload.event === "message.created" ? [payload.payload.message.content as string] : []
    );
  return { wire, room, write, contents, token: data.session!.access_token };
}

test("every client is refused a public channel", async () => {
  const wire = await open();
  for (const config of [{}, { private: false }, { presence: { enabled: true } }]) {
    const { payload } = await wire.join(topicName(), config);
    const reason = "PrivateOnly: This project only allows private channels";
    expect(payload).toEqual({ status: "error", response: { reason } });
  }
  await wire.close();
});

test("messages to a public channel over HTTP are refused or left out", async () => {
  const single = await post(`/${topicName()}/events/x`, {});
  expect([single.status, await single.json()]).toEqual([403, { message: "Unauthorized" }]);
  const message = { topic: topicName(), event: "x", payload: {} };
  expect((await post("", { messages: [message, message] })).status).toBe(202);
});

test("an anonymous flood costs members no events", async () => {
  const { wire, write, contents } = await member("ann");
  let isOver = false;
  const floods = Array.from({ length: 4 }, async () => {
    const other = await open();
    const topic = topicName();
    for (let n = 0; !isOver; n++) {
      const { joinRef } = await other.join(topic);
      for (let m = 0; m < 50; m++) other.broadcast(topic, "x", { n, m }, joinRef);
      const messages = Array.from({ length: 15 }, () => ({ topic, event: "x", payload: {} }));
      await Promise.all([post("", { messages }), post(`/${topic}/events/x`, {})]);
    }
    await other.close();
  });
  // The rate is measured every five seconds.
  const sent: string[] = [];
  for (let n = 0; n < 24; n++) {
    await write(`message ${n}`);
    sent.push(`message ${n}`);
    await sleep(300);
  }
  isOver = true;
  await Promise.all(floods);
  await expect.poll(contents).toEqual(sent);
  await wire.close();
});

test("an event that is too large for its channel makes it rejoin", async () => {
  const { wire, room, token } = await member("bob");
  await sql`select realtime.send(jsonb_build_object('text', repeat('x', 4000000)), 'large', ${room.topic})`;
  await wire.next("phx_error");
  expect((await wire.join(room.topic, { private: true }, { access_token: token })).payload.status).toBe("ok");
  await wire.close();
});

test("today's partition of the event log is recreated, and events continue", async () => {
  const { admin_password } = JSON.parse(await readFile(join(stack.data, "keys.json"), "utf8"));
  const url = new URL(stack.status.db_url);
  [url.username, url.password] = ["supabase_admin", admin_password];
  const admin = postgres(url.href, { max: 1 });
  const { wire, write, contents } = await member("carl");
  await admin.unsafe(`drop table realtime.messages_${new Date().toISOString().slice(0, 10).replaceAll("-", "_")}`);
  await admin.end();
  await expect.poll(async () => {
    await write("hello");
    await sleep(200);
    return contents().length;
  }, { timeout: 30_000 }).toBeGreaterThan(0);
  await wire.close();
});

test("members whose events are dropped above the limit are notified", async () => {
  const { wire, room } = await member("dora");
  let told: unknown;
  for (const start = Date.now(); !told && Date.now() - start < 20_000; await sleep(200)) {
    await sql`select realtime.send('{}', 'many', ${room.topic}) from generate_series(1, 50)`;
    told = wire.received.find(({ event }) => event === "phx_close");
  }
  expect(told).toMatchObject({ topic: `realtime:${room.topic}` });
  const { payload } = await wire.next("system");
  expect(payload).toMatchObject({ status: "error", message: "Too many messages per second" });
  await wire.close();
});
