import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, onTestFinished, test } from "vitest";
import { Proxy } from "../support/proxy.ts";
import { another, newDevice, openLive, say, texts, write } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);

async function network() {
  const proxy = await Proxy.start(inject("status").api_url);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Errors of listeners are uncaught, as in an event: here they are counted. */
function countUncaught() {
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const caught: unknown[] = [];
  process.on("uncaughtException", (error) => caught.push(error));
  onTestFinished(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  });
  return caught;
}

test("a listener that throws disturbs neither the others nor the SDK", async () => {
  const uncaught = countUncaught();
  const { id } = await ann.chat.rooms.createGroup({ name: "Throwing", memberIds: [bob.account.id] });
  const [here, there] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  const heard: number[] = [];
  const fail = () => {
    throw new Error("A mistake in a page");
  };
  onTestFinished(here.subscribe(fail));
  here.subscribe(() => heard.push(here.getSnapshot().messages.length));
  onTestFinished(ann.chat.outbox.onSent(fail));
  onTestFinished(ann.chat.outbox.subscribe(fail));
  for (const text of numbers(3)) here.send(text);
  await expect.poll(() => here.getSnapshot().messages.map(({ state }) => state)).toEqual(["sent", "sent", "sent"]);
  await expect.poll(() => texts(there)).toEqual(numbers(3));
  expect(heard).toContain(3);
  await expect.poll(() => ann.chat.outbox.getSnapshot()).toEqual([]);
  expect(uncaught.length).toBeGreaterThan(0);
});

test("replied-to messages show their current form after thousands were missed", async () => {
  const proxy = await network();
  const device = await another(bob, proxy.url);
  const { id } = await ann.chat.rooms.createGroup({ name: "Pinned", memberIds: [bob.account.id] });
  const here = await openLive(ann, id);
  const [first] = await say(here, "Rule one", ...numbers(3));
  await here.pin(first!.id);
  const there = await openLive(device, id, { pageSize: 2 });
  await expect.poll(() => there.find(first!.id)?.content).toBe("Rule one");
  proxy.goOffline();
  await here.edit(first!.id, "Rule one, changed");
  await write(ann, id, numbers(2_100));
  proxy.goOnline();
  await expect.poll(() => texts(there).at(-1), { timeout: 60_000 }).toBe("number 2099");
  await expect.poll(() => there.find(first!.id)?.content).toBe("Rule one, changed");
}, 120_000);

test("a jump back waits for the page that is loading, and two calls load one page", async () => {
  const proxy = await network();
  const device = await another(bob, proxy.url);
  const { id } = await ann.chat.rooms.createGroup({ name: "Far back", memberIds: [bob.account.id] });
  await say(await openLive(ann, id), ...numbers(12));
  const there = await openLive(device, id, { pageSize: 2 });
  const pages = proxy.hold(/\/messages\?/);
  const loading = [there.loadOlder(), there.loadOlder(), there.loadFrom(3)];
  await expect.poll(() => pages.held).toBe(1);
  expect(there.getSnapshot().loadingOlder).toBe(true);
  pages.release();
  await Promise.all(loading.slice(0, 2));
  await loading[2];
  expect(texts(there)).toEqual(numbers(12).slice(2));
  expect(there.getSnapshot().loadingOlder).toBe(false);
});

test("a room that was just opened jumps as soon as it shows", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Linked" });
  await say(await openLive(ann, id), ...numbers(6));
  const room = (await another(ann)).chat.rooms.open(id, { pageSize: 2 });
  await room.loadFrom(2);
  expect(texts(room)).toEqual(numbers(6).slice(1));
});

test("a conversation that continued elsewhere shows no gap", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const { id } = await ann.chat.conversations.create();
  const add = (texts: readonly string[]) =>
    ann.supabase.schema("chat").from("conversation_messages")
      .insert(texts.map((content) => ({ conversation_id: id, role: "user", content }))).throwOnError();
  await add(numbers(4));
  const talk = device.chat.conversations.open(id, { pageSize: 2 });
  const shown = () => talk.getSnapshot().messages.map(({ content }) => content);
  await expect.poll(() => talk.getSnapshot().status).toBe("live");
  expect(shown()).toEqual(numbers(4).slice(2));
  proxy.goOffline();
  await expect.poll(() => talk.getSnapshot().status).toBe("connecting");
  await add(numbers(9).slice(4));
  proxy.goOnline();
  await expect.poll(() => shown().at(-1)).toBe("number 8");
  expect(shown()).toEqual(numbers(9).slice(7));
  await talk.loadOlder();
  await talk.loadOlder();
  expect(shown()).toEqual(numbers(9).slice(3));
});

test("a pending message has its sender's name as soon as it is known", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Named" });
  const proxy = await network();
  const device = await another(ann, proxy.url);
  proxy.goOffline();
  device.chat.outbox.add({ room_id: id, content: "x".repeat(10_001) });
  const room = device.chat.rooms.open(id);
  await expect.poll(() => room.getSnapshot().messages).toMatchObject([{ sender_username: null }]);
  proxy.goOnline();
  await room.ready;
  await expect.poll(() => room.getSnapshot().messages).toMatchObject([
    { state: "failed", sender_id: ann.account.id, sender_username: ann.account.username },
  ]);
});

test("a program ends soon after it closes a chat that could not reach its server", async () => {
  const path = fileURLToPath(new URL("closing.ts", import.meta.url));
  const deno = fileURLToPath(new URL("../../node_modules/.bin/deno", import.meta.url));
  const { stdout } = await promisify(execFile)(deno, ["run", "-A", path], { timeout: 50_000 });
  // Before, it waited 20 seconds or more.
  expect(Number(stdout)).toBeLessThan(5_000);
});
