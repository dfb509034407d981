import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, inject, test } from "vitest";
import { fine, Proxy } from "../support/proxy.ts";
import { another, newDevice, openLive, say, texts, write } from "./devices.ts";

const proxy = await Proxy.start(inject("status").api_url);
const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob", proxy.url)]);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);

async function newRoom() {
  const { id } = await ann.chat.rooms.createGroup({ name: "Bad line", memberIds: [bob.account.id] });
  const [here, there] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  return { id, here, there };
}

afterEach(() => {
  proxy.weather = fine;
  proxy.goOnline();
});

test("a device that was offline for 200 messages shows each once, in order, and counts them", async () => {
  bob.chat.rooms.subscribe(() => {});
  const { id, here, there } = await newRoom();
  const row = () => bob.chat.rooms.getSnapshot().rooms.find((room) => room.id === id);
  await say(here, "Before");
  await expect.poll(() => row()?.unread_count).toBe(1);
  await expect.poll(() => texts(there)).toEqual(["Before"]);
  proxy.goOffline();
  await expect.poll(() => there.getSnapshot().status).toBe("connecting");
  const shown: string[][] = [];
  there.subscribe(() => shown.push(texts(there)));
  const rows = numbers(200).map((content) => ({ room_id: id, content }));
  await ann.supabase.schema("chat").from("messages").insert(rows).throwOnError();
  expect(texts(there)).toEqual(["Before"]);
  proxy.goOnline();
  await expect.poll(() => texts(there).length).toBe(201);
  expect(texts(there)).toEqual(["Before", ...numbers(200)]);
  expect(there.getSnapshot().unread).toBe(201);
  await expect.poll(() => row()?.unread_count).toBe(201);
  // No message ever showed without those before it.
  for (const list of shown) expect(list).toEqual(["Before", ...numbers(list.length - 1)]);
  there.markRead();
  await expect.poll(async () => (await bob.chat.rooms.get(id)).unread_count).toBe(0);
});

test(
  "a device that missed thousands of messages starts over with the newest, and finds the others behind them",
  async () => {
    const { id, here, there } = await newRoom();
    await say(here, "Before");
    await expect.poll(() => texts(there)).toEqual(["Before"]);
    proxy.goOffline();
    await write(ann, id, numbers(2_100));
    proxy.goOnline();
    await expect.poll(() => texts(there).at(-1), { timeout: 60_000 }).toBe("number 2099");
    expect(texts(there)).toEqual(numbers(2_100).slice(-50));
    expect(there.getSnapshot()).toMatchObject({ hasOlder: true, unread: 2_101 });
    await there.loadFrom(1);
    expect(texts(there)).toEqual(["Before", ...numbers(2_100)]);
    await say(here, "After");
    await expect.poll(() => texts(there).at(-1)).toBe("After");
  },
  120_000,
);

test("a read mark set while offline is sent later, although the room was closed", async () => {
  bob.chat.rooms.subscribe(() => {});
  const { id, here, there } = await newRoom();
  const row = () => bob.chat.rooms.getSnapshot().rooms.find((room) => room.id === id);
  await say(here, "One", "Two", "Three");
  await expect.poll(() => texts(there)).toEqual(["One", "Two", "Three"]);
  await expect.poll(() => row()?.unread_count).toBe(3);
  proxy.goOffline();
  there.markRead(2);
  there.close();
  const again = bob.chat.rooms.open(id);
  expect(row()?.unread_count).toBe(1);
  proxy.goOnline();
  await again.ready;
  expect(again.getSnapshot().unread).toBe(1);
  await expect.poll(async () => (await bob.chat.rooms.get(id)).last_read_seq).toBe(2);
  again.close();
});

test("repeated, late, reordered and lost events change nothing", async () => {
  const { here, there } = await newRoom();
  proxy.weather = { ...fine, eventsTwice: 0.2, eventsSwapped: 0.2, eventsLost: 0.1, delayMs: 10 };
  const sent = await say(here, ...numbers(40));
  await here.edit(sent[3]!.id, "number 3, mended");
  const expected = numbers(40).with(3, "number 3, mended");
  await expect.poll(() => texts(there)).toEqual(expected);
  proxy.weather = fine;
});

test("a connection that breaks again and again loses nothing", async () => {
  const { here, there } = await newRoom();
  const cutting = setInterval(() => proxy.cut(), 300);
  for (const text of numbers(20)) {
    here.send(text);
    await sleep(50);
  }
  clearInterval(cutting);
  await expect.poll(() => texts(there)).toEqual(numbers(20));
  await expect.poll(() => there.getSnapshot().status).toBe("live");
});

test.each([
  ["channels that are closed are opened again", () => bob.supabase.removeAllChannels()],
  ["a connection that was ended on purpose is made again", () => bob.supabase.realtime.disconnect()],
])("%s", async (_, end) => {
  const { here, there } = await newRoom();
  const statuses: string[] = [];
  there.subscribe(() => statuses.push(there.getSnapshot().status));
  await end();
  await expect.poll(() => there.getSnapshot().status).toBe("live");
  expect(statuses).toContain("connecting");
  await say(here, "Still there?");
  await expect.poll(() => texts(there)).toEqual(["Still there?"]);
});

test("a member removed and added again while offline continues where they were", async () => {
  const { id, here, there } = await newRoom();
  await say(here, "Before");
  await expect.poll(() => texts(there)).toEqual(["Before"]);
  proxy.goOffline();
  await ann.chat.rooms.removeMember(id, bob.account.id);
  await ann.chat.rooms.addMembers(id, [bob.account.id]);
  await say(here, "Meanwhile");
  proxy.goOnline();
  await expect.poll(() => texts(there)).toEqual(["Before", "Meanwhile"]);
  await expect.poll(() => there.getSnapshot()).toMatchObject({
    status: "live",
    room: { topic: `room:${id}:2` },
  });
  await say(here, "After");
  await expect.poll(() => texts(there)).toEqual(["Before", "Meanwhile", "After"]);
});

test("a member removed and added again while the room is being read misses nothing", async () => {
  const { id, here, there } = await newRoom();
  await say(here, ...numbers(3));
  there.close();
  const [request, answer] = [proxy.hold(/\/rooms\?/), proxy.hold(/\/rooms\?/, "answers")];
  const again = bob.chat.rooms.open(id);
  await expect.poll(() => request.held).toBe(1);
  await ann.chat.rooms.removeMember(id, bob.account.id);
  request.release();
  await expect.poll(() => answer.held).toBe(1); // nothing is found
  await ann.chat.rooms.addMembers(id, [bob.account.id]);
  answer.release();
  await expect.poll(() => again.getSnapshot().status).toBe("live");
  await expect.poll(() => texts(again)).toEqual(numbers(3));
});

test("a room opened offline loads when the network returns", async () => {
  const { id } = await newRoom();
  const offline = await Proxy.start(inject("status").api_url);
  const device = await another(ann, offline.url);
  offline.goOffline();
  const room = device.chat.rooms.open(id);
  await expect.poll(() => room.getSnapshot()).toMatchObject({ status: "loading", error: { code: "offline" } });
  offline.goOnline();
  await room.ready;
  expect(room.getSnapshot()).toMatchObject({ error: null, room: { title: "Bad line" } });
});
