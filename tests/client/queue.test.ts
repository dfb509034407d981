import { expect, inject, onTestFinished, test } from "vitest";
import { fillBuckets, leaveTokens } from "../support/buckets.ts";
import { database } from "../support/clients.ts";
import { fine, Proxy } from "../support/proxy.ts";
import { another, type Device, deviceOf, newDevice, openLive, supabaseAt, texts } from "./devices.ts";
import { MemoryStorage } from "./memory_storage.ts";

const { api_url } = inject("status");
const ann = await newDevice("ann");

/** A network for one test. */
async function network(): Promise<Proxy> {
  const proxy = await Proxy.start(api_url);
  onTestFinished(() => proxy.close());
  return proxy;
}

const newRoom = async () => (await ann.chat.rooms.createGroup({ name: "Queue" })).id;
const numbers = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);
const keptBy = async ({ chat }: Device, roomId: number) => {
  const room = chat.rooms.open(roomId, { pageSize: 1_000 });
  await room.ready;
  room.close();
  return texts(room);
};

test("messages sent offline go out in order when the network returns", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const room = await openLive(device, await newRoom());
  proxy.goOffline();
  for (const text of numbers(10)) room.send(text);
  expect(new Set(room.getSnapshot().messages.map(({ state }) => state))).toEqual(new Set(["sending"]));
  expect(device.chat.outbox.getSnapshot()).toHaveLength(10);
  await expect.poll(() => room.getSnapshot().status).toBe("connecting");
  proxy.goOnline();
  await expect.poll(() => device.chat.outbox.getSnapshot()).toEqual([]);
  await expect.poll(() => new Set(room.getSnapshot().messages.map(({ state }) => state))).toEqual(new Set(["sent"]));
  expect(texts(room)).toEqual(numbers(10));
  expect(await keptBy(ann, room.id)).toEqual(numbers(10));
});

test("each message is sent once, however often responses are lost and requests repeated", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const room = await openLive(device, await newRoom());
  proxy.weather = { ...fine, answersLost: 0.3, requestsTwice: 0.3 };
  for (const text of numbers(30)) room.send(text);
  await expect.poll(() => device.chat.outbox.getSnapshot()).toEqual([]);
  expect(await keptBy(ann, room.id)).toEqual(numbers(30));
  await expect.poll(() => texts(room)).toEqual(numbers(30));
});

test("the queue survives a reload", async () => {
  const proxy = await network();
  const storage = new MemoryStorage();
  const id = await newRoom();
  const before = await another(ann, proxy.url, { storage });
  const room = await openLive(before, id);
  proxy.goOffline();
  const clientIds = numbers(5).map((text) => room.send(text));
  await expect.poll(() => JSON.parse([...storage.items.values()][0] ?? "[]")).toHaveLength(5);
  await before.close();
  proxy.goOnline();
  const after = await another(ann, proxy.url, { storage });
  const reopened = await openLive(after, id);
  await expect.poll(() => reopened.getSnapshot().messages.map(({ client_id }) => client_id))
    .toEqual(clientIds);
  await expect.poll(() => after.chat.outbox.getSnapshot()).toEqual([]);
  expect(await keptBy(ann, id)).toEqual(numbers(5));
  await expect.poll(() => storage.items.size).toBe(0);
});

test("a page opened offline shows the pending messages, and sends them later", async () => {
  const proxy = await network();
  const storage = new MemoryStorage();
  const id = await newRoom();
  const queue = numbers(3).map((content) => ({ client_id: crypto.randomUUID(), room_id: id, content, metadata: {} }));
  storage.setItem(`parley.outbox.${ann.account.id}`, JSON.stringify(queue));
  proxy.goOffline();
  const { data: { session } } = await ann.supabase.auth.getSession();
  const page = deviceOf(ann.account, supabaseAt(proxy.url, { token: session!.access_token }), { storage });
  const room = page.chat.rooms.open(id);
  await expect.poll(() => room.getSnapshot()).toMatchObject({ status: "loading", error: { code: "offline" } });
  expect(texts(room)).toEqual(numbers(3));
  const keys = room.getSnapshot().messages.map(({ key }) => key);
  proxy.goOnline();
  await expect.poll(() => page.chat.outbox.getSnapshot()).toEqual([]);
  await expect.poll(() => room.getSnapshot().messages.map(({ state }) => state)).toEqual(["sent", "sent", "sent"]);
  expect(room.getSnapshot().messages.map(({ key }) => key)).toEqual(keys);
  expect(await keptBy(ann, id)).toEqual(numbers(3));
});

test("two tabs with the same queue send each message once, in order", async () => {
  const proxy = await network();
  const storage = new MemoryStorage();
  const id = await newRoom();
  const first = await another(ann, proxy.url, { storage });
  await openLive(first, id);
  proxy.goOffline();
  for (const content of numbers(8)) first.chat.outbox.add({ room_id: id, content });
  const second = await another(ann, undefined, { storage });
  proxy.goOnline();
  for (const { chat } of [first, second]) {
    await expect.poll(() => chat.outbox.getSnapshot()).toEqual([]);
  }
  expect(await keptBy(ann, id)).toEqual(numbers(8));
  await expect.poll(() => storage.items.size).toBe(0);
});

test("a refused message does not block the others, and can be retried or discarded", async () => {
  const bob = await newDevice("bob");
  const room = await openLive(ann, (await ann.chat.rooms.createDirect(bob.account.id)).id);
  const clientIds = ["", "Fine", "x".repeat(10_001)].map((text) => room.send(text));
  const states = () => room.getSnapshot().messages.map(({ state }) => state);
  await expect.poll(states).toEqual(["sent", "failed", "failed"]);
  const [, empty, long] = room.getSnapshot().messages;
  expect(empty).toMatchObject({ client_id: clientIds[0], error: expect.any(String), content: "" });
  room.retry(empty!.client_id!);
  expect(room.getSnapshot().messages.at(-1)).toMatchObject({ client_id: clientIds[0], state: "sending" });
  room.discard(empty!.client_id!);
  room.discard(long!.client_id!);
  expect(texts(room)).toEqual(["Fine"]);
  expect(ann.chat.outbox.getSnapshot()).toEqual([]);
});

test("a refused message goes out once its obstacle is removed", async () => {
  const [owner, member] = await Promise.all([newDevice("owner"), newDevice("member")]);
  const { id } = await owner.chat.rooms.createGroup({ name: "Door", memberIds: [member.account.id] });
  await owner.chat.rooms.removeMember(id, member.account.id);
  const clientId = member.chat.outbox.add({ room_id: id, content: "Let me in" });
  await expect.poll(() => member.chat.outbox.getSnapshot()).toMatchObject([{ error: "room_not_found" }]);
  await owner.chat.rooms.addMembers(id, [member.account.id]);
  member.chat.outbox.retry(clientId);
  await expect.poll(() => member.chat.outbox.getSnapshot()).toEqual([]);
  expect(await keptBy(owner, id)).toEqual(["Let me in"]);
});

/** Counts the responses that say to wait. */
function countRefusals(): () => number {
  const { fetch: send } = globalThis;
  let count = 0;
  globalThis.fetch = async (input, init) => {
    const response = await send(input, init);
    if (response.status === 429) count++;
    return response;
  };
  onTestFinished(() => void (globalThis.fetch = send));
  return () => count;
}

test("a queue that met the limit waits as long as the server says, and goes on in order", async () => {
  const sql = database();
  onTestFinished(() => sql.end());
  const room = await openLive(ann, await newRoom());
  await leaveTokens(sql, ann.account.id, "send_message", 2);
  const refusals = countRefusals();
  const start = Date.now();
  for (const text of numbers(5)) room.send(text);
  await expect.poll(refusals).toBe(1);
  expect(ann.chat.outbox.getSnapshot()).toHaveLength(3);
  room.send("number 5"); // a new message does not end the wait
  await fillBuckets(sql, ann.account.id);
  await expect.poll(() => ann.chat.outbox.getSnapshot(), { timeout: 10_000 }).toEqual([]);
  expect(Date.now() - start).toBeGreaterThan(1000);
  expect(await keptBy(ann, room.id)).toEqual(numbers(6));
});

test("a call that met the limit says when it may succeed", async () => {
  const sql = database();
  onTestFinished(() => sql.end());
  await leaveTokens(sql, ann.account.id, "create_group", -1);
  await expect(newRoom()).rejects.toMatchObject({ code: "rate_limited", status: 429, retryAfter: 10, passing: true });
  await fillBuckets(sql, ann.account.id);
});

test("a message for a slow group waits alone, and goes out by itself", async () => {
  const bob = await newDevice("bob");
  const { id } = await ann.chat.rooms.createGroup({ name: "Slow", memberIds: [bob.account.id] });
  await ann.chat.rooms.update(id, { slowModeSeconds: 3 });
  const slow = await openLive(bob, id);
  await expect.poll(() => slow.getSnapshot().room?.slow_mode_seconds).toBe(3);
  const other = await openLive(bob, (await bob.chat.rooms.createGroup({ name: "Quick" })).id);
  const start = Date.now();
  for (const text of numbers(2)) slow.send(text);
  for (const text of numbers(3)) other.send(text);
  await expect.poll(() => texts(other)).toEqual(numbers(3));
  await expect.poll(() => bob.chat.outbox.getSnapshot().map(({ room_id, content }) => [room_id, content]))
    .toEqual([[id, "number 1"]]);
  await expect.poll(() => bob.chat.outbox.getSnapshot(), { timeout: 10_000 }).toEqual([]);
  expect(Date.now() - start).toBeGreaterThan(2000);
  expect(texts(slow)).toEqual(numbers(2));
});
