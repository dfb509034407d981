import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import type { ChatStorage } from "../../client/sdk/src/index.ts";
import { Proxy } from "../support/proxy.ts";
import { another, type Device, newDevice, openLive, say, texts } from "./devices.ts";
import { MemoryStorage } from "./memory_storage.ts";

const ann = await newDevice("ann");
const newRoom = async () => (await ann.chat.rooms.createGroup({ name: "Tabs" })).id;
const key = `parley.outbox.${ann.account.id}`;
const contents = ({ chat }: Device) => chat.outbox.getSnapshot().map(({ content }) => content);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);

/** Slow storage, such as IndexedDB: between a read and a write, others write. */
class SlowStorage extends MemoryStorage {
  override async setItem(key: string, value: string) {
    await sleep(5);
    super.setItem(key, value);
  }
}

/** Two tabs of ann with one storage, offline. */
async function twoTabs(storage: MemoryStorage) {
  const proxy = await Proxy.start(inject("status").api_url);
  onTestFinished(() => proxy.close());
  const [one, other] = await Promise.all([1, 2].map(() => another(ann, proxy.url, { storage })));
  onTestFinished(async () => {
    for (const { chat } of [one!, other!]) {
      for (const each of chat.outbox.getSnapshot()) chat.outbox.discard(each.client_id);
    }
    await Promise.all([one!.close(), other!.close()]);
  });
  proxy.goOffline();
  return { proxy, one: one!, other: other! };
}

/** The locks of browsers: a request for a held lock waits. */
function withLocks() {
  const last = new Map<string, Promise<void>>();
  const request = (name: string, work: () => Promise<void>) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work);
    last.set(name, turn.catch(() => {}));
    return turn;
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { locks: { request } }, configurable: true });
  onTestFinished(() => {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  });
}

test("messages that two tabs write at the same time are all stored, where the browser has locks", async () => {
  withLocks();
  const storage = new SlowStorage();
  const { one, other } = await twoTabs(storage);
  const id = await newRoom();
  for (const content of numbers(5)) {
    one.chat.outbox.add({ room_id: id, content: `one ${content}` });
    other.chat.outbox.add({ room_id: id, content: `other ${content}` });
  }
  const kept = () => JSON.parse(storage.items.get(key) ?? "[]").length;
  await expect.poll(kept).toBe(10);
  await sleep(100);
  expect(kept()).toBe(10);
});

test("a message discarded in one tab is sent by no other", async () => {
  const storage = new MemoryStorage();
  const { proxy, one, other } = await twoTabs(storage);
  const id = await newRoom();
  const [first] = numbers(3).map((content) => one.chat.outbox.add({ room_id: id, content }));
  await expect.poll(() => JSON.parse(storage.items.get(key) ?? "[]")).toHaveLength(3);
  void other.chat.outbox.flush();
  await expect.poll(() => contents(other)).toEqual(numbers(3));
  one.chat.outbox.discard(first!);
  await expect.poll(() => contents(other)).toEqual(numbers(3).slice(1));
  await sleep(500); // what was being sent has failed
  proxy.goOnline();
  const room = await openLive(ann, id);
  await expect.poll(() => texts(room)).toEqual(numbers(3).slice(1));
  await expect.poll(() => [contents(one), contents(other)]).toEqual([[], []]);
});

test("the messages of a closed tab are sent by another", async () => {
  const storage = new MemoryStorage();
  const { proxy, one, other } = await twoTabs(storage);
  const id = await newRoom();
  one.chat.outbox.add({ room_id: id, content: "Left behind" });
  await expect.poll(() => storage.items.has(key)).toBe(true);
  await one.close();
  proxy.goOnline();
  await other.supabase.auth.refreshSession(); // or the page becomes visible, or the device is online
  const room = await openLive(ann, id);
  await expect.poll(() => texts(room)).toEqual(["Left behind"]);
  await expect.poll(() => storage.items.has(key)).toBe(false);
});

test("an open room shows as sent what another tab has sent, in one copy", async () => {
  const storage = new MemoryStorage();
  const { proxy, one, other } = await twoTabs(storage);
  const id = await newRoom();
  const clientId = one.chat.outbox.add({ room_id: id, content: "Once" });
  await expect.poll(() => storage.items.has(key)).toBe(true);
  void other.chat.outbox.flush();
  await expect.poll(() => contents(other)).toEqual(["Once"]);
  proxy.goOnline();
  const room = await openLive(other, id);
  await expect.poll(() => room.getSnapshot().messages).toMatchObject([{ client_id: clientId, state: "sent" }]);
  await expect.poll(() => contents(one)).toEqual([]);
});

const full = { ...new MemoryStorage(), getItem: () => null, removeItem: () => {} } as unknown as ChatStorage;
test.each<[string, () => ChatStorage]>([
  ["is full", () => ({
    ...full,
    setItem: () => {
      throw new DOMException("Full", "QuotaExceededError");
    },
  })],
  ["may not be used", () => ({
    ...full,
    getItem: () => {
      throw new DOMException("No", "SecurityError");
    },
  })],
  ["holds something else", () => {
    const storage = new MemoryStorage();
    storage.setItem(key, `{"no": "list"}`);
    return storage;
  }],
  ["holds what was cut off", () => {
    const storage = new MemoryStorage();
    storage.setItem(key, `[null, {"client_id": 3}, {"clien`);
    return storage;
  }],
  ["holds nulls", () => {
    const storage = new MemoryStorage();
    storage.setItem(key, `[null, 3, {}]`);
    return storage;
  }],
])("messages are sent when the storage %s", async (_, storage) => {
  const tab = await another(ann, undefined, { storage: storage() });
  const room = await openLive(tab, await newRoom());
  await say(room, ...numbers(2));
  expect(texts(room)).toEqual(numbers(2));
  await expect.poll(() => contents(tab)).toEqual([]);
});
