import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import type { LiveRoom } from "../../client/sdk/src/index.ts";
import { type Device, newDevice, newDeviceOf, openLive, say, supabaseAt, texts, write } from "./devices.ts";
import { Forbidden } from "./forbidden.ts";
import { database } from "../support/clients.ts";
import { Proxy } from "../support/proxy.ts";

const COUNT = 300;
const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

const seqs = (room: LiveRoom) => room.getSnapshot().messages.map(({ seq }) => seq);
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A room with a long history of ann's. */
async function longRoom(): Promise<number> {
  const { id } = await ann.chat.rooms.createGroup({ name: "Long", memberIds: [bob.account.id] });
  await write(ann, id, range(1, COUNT).map((number) => `number ${number}`));
  return id;
}

/** A device on a network that blocks WebSockets; what its inbox reads can be held up. */
async function deviceWithOldInbox() {
  let gate = Promise.resolve();
  let release = () => {};
  const hold = () => void (gate = new Promise((resolve) => release = resolve));
  const supabase = supabaseAt(undefined, {
    realtime: { transport: Forbidden as never },
    fetch: async (input, init) => {
      if (String(input).endsWith("/rpc/room_list")) await gate;
      return await fetch(input, init);
    },
  });
  const device = await newDeviceOf(supabase, "dora");
  onTestFinished(device.chat.rooms.subscribe(() => {}));
  return { device, reads: { hold, release: () => release() } };
}

const open = async (device: Device) => await openLive(device, await longRoom(), { pageSize: 20 });

test("a jump far back loads one page around the message, and pages join until the newest are reached", async () => {
  const room = await open(bob);
  expect(seqs(room)).toEqual(range(281, 300));
  await room.loadAround(100);
  expect(seqs(room)).toEqual(range(90, 109));
  expect(room.getSnapshot()).toMatchObject({ hasOlder: true, hasNewer: true, loadingOlder: false });
  await room.loadOlder();
  expect(seqs(room)).toEqual(range(70, 109));
  for (let page = 1; room.getSnapshot().hasNewer; page++) {
    await room.loadNewer();
    expect(seqs(room)).toEqual(page < 9 ? range(70, 109 + page * 20) : range(70, 300));
  }
  await room.loadNewer();
  expect(seqs(room)).toEqual(range(70, 300));
});

test("a jump near what is shown leaves no gap, one within it loads nothing", async () => {
  const room = await open(bob);
  await room.loadAround(275);
  expect(seqs(room)).toEqual(range(265, 300));
  await room.loadAround(290);
  expect(seqs(room)).toEqual(range(265, 300));
  await room.loadAround(1);
  expect(seqs(room)).toEqual(range(1, 20));
  expect(room.getSnapshot().hasOlder).toBe(false);
  await room.loadAround(299);
  expect(seqs(room)).toEqual(range(265, 300));
});

test("a room opens at its first unread message, however far back that is", async () => {
  const id = await longRoom();
  const places = [[100, range(91, 110)], [265, range(256, 300)], [290, range(281, 300)], [
    300,
    range(281, 300),
  ]] as const;
  for (const [read, shown] of places) {
    await bob.supabase.schema("chat").rpc("mark_read", { room_id: id, seq: read }).throwOnError();
    const room = bob.chat.rooms.open(id, { pageSize: 20, at: "unread" });
    await room.ready;
    expect(seqs(room)).toEqual(shown);
    expect(room.getSnapshot()).toMatchObject({ unread: 300 - read, hasNewer: read === 100 });
    room.close();
  }
});

test("a room that the inbox has read opens without reading it again, and catches up", async () => {
  const { device, reads } = await deviceWithOldInbox();
  const { id } = await ann.chat.rooms.createGroup({ name: "Known", memberIds: [device.account.id] });
  await expect.poll(() => device.chat.rooms.getSnapshot().rooms.length).toBe(1);
  reads.hold();
  await ann.chat.rooms.update(id, { name: "Renamed" });
  await write(ann, id, ["One", "Two"]);
  const room = device.chat.rooms.open(id);
  await room.ready;
  await expect.poll(() => texts(room)).toEqual(["One", "Two"]);
  expect(room.getSnapshot().room).toMatchObject({ name: "Renamed", title: "Renamed", last_seq: 2 });
  expect(device.chat.rooms.getSnapshot().rooms).toMatchObject([{ name: "Known", last_seq: 0 }]);
  room.close();
});

test("a room that the inbox still lists does not open once the caller has left it", async () => {
  const { device, reads } = await deviceWithOldInbox();
  const { id } = await ann.chat.rooms.createGroup({ name: "Left", memberIds: [device.account.id] });
  await expect.poll(() => device.chat.rooms.getSnapshot().rooms.length).toBe(1);
  reads.hold();
  await ann.chat.rooms.removeMember(id, device.account.id);
  const room = device.chat.rooms.open(id);
  reads.release();
  await expect(room.ready).rejects.toMatchObject({ code: "room_not_found" });
});

test("a jump to a time shows the first message from then on", async () => {
  const room = await open(bob);
  const sql = database();
  await sql`update chat.messages set created_at = '2026-01-01T00:00:00Z'::timestamptz + seq * interval '1 day' where room_id = ${room.id}`;
  await sql.end();
  expect(await room.loadAt(new Date("2026-04-10T12:00:00Z"))).toBe(100);
  expect(seqs(room)).toEqual(range(90, 109));
  expect(await room.loadAt(new Date("1990-01-01"))).toBe(1);
  expect(seqs(room)).toEqual(range(1, 20));
  expect(await room.loadAt(new Date("2990-01-01"))).toBe(300);
  expect(seqs(room)).toEqual(range(281, 300));
  const { id } = await bob.chat.rooms.createGroup({ name: "Empty" });
  expect(await (await openLive(bob, id)).loadAt(new Date())).toBeUndefined();
});

test("changes show in an older part, new messages only once the newest are shown again", async () => {
  const room = await open(bob);
  const there = await openLive(ann, room.id);
  await room.loadAround(100);
  const [old] = room.getSnapshot().messages;
  await there.edit(old!.id!, "changed");
  await expect.poll(() => texts(room)[0]).toBe("changed");
  await there.delete(room.getSnapshot().messages[1]!.id!);
  await expect.poll(() => room.getSnapshot().messages[1]!.deleted_at).not.toBeNull();
  await say(there, "And a new one");
  await expect.poll(() => room.getSnapshot().room!.last_seq).toBe(301);
  expect(room.getSnapshot().unread).toBe(300); // one of 301 was deleted
  expect(seqs(room)).toEqual(range(90, 109));
  room.markRead(109);
  expect(room.getSnapshot().room!.last_read_seq).toBe(109);
  room.showNewest();
  expect(seqs(room)).toEqual(range(281, 301));
  expect(texts(room).at(-1)).toBe("And a new one");
  await room.loadFrom(90);
  expect(texts(room).slice(0, 2)).toEqual(["changed", ""]);
});

test("a message that one sends from an older part appears at once, after the newest", async () => {
  const room = await open(ann);
  await room.loadAround(100);
  room.send("Back to today");
  expect(texts(room).slice(-2)).toEqual(["number 300", "Back to today"]);
  await expect.poll(() => seqs(room)).toEqual(range(281, 301));
});

test("after changes that were missed, the older part is right as well", async () => {
  const proxy = await Proxy.start(inject("status").api_url);
  onTestFinished(() => proxy.close());
  const device = await newDevice("carl", proxy.url);
  const id = await longRoom();
  await ann.chat.rooms.addMembers(id, [device.account.id]);
  const room = await openLive(device, id, { pageSize: 20 });
  await room.loadAround(100);
  const { id: edited } = room.getSnapshot().messages[3]!;
  proxy.goOffline();
  await expect.poll(() => room.getSnapshot().status).toBe("connecting");
  await (await openLive(ann, id)).edit(edited!, "while away");
  proxy.goOnline();
  await expect.poll(() => texts(room)[3]).toBe("while away");
  expect(seqs(room)).toEqual(range(90, 109));
});

test("of two jumps at once the last one shows, and a page of the first leaves no gap in it", async () => {
  const room = await open(bob);
  await Promise.all([room.loadAround(50), room.loadOlder(), room.loadAround(200)]);
  expect(seqs(room)).toEqual(range(190, 209));
});

test("what is asked for while a room loads does not hide the messages that are there", async () => {
  const id = await longRoom();
  // To send a message shows the newest as well.
  const asks = [(room: LiveRoom) => room.showNewest(), (room: LiveRoom) => void room.loadAround(100)];
  for (const ask of asks) {
    const room = bob.chat.rooms.open(id, { pageSize: 20 });
    let isReady = false;
    const ready = room.ready.finally(() => isReady = true);
    for (; !isReady; await sleep(1)) ask(room);
    await ready;
    room.showNewest();
    await expect.poll(() => seqs(room)).toEqual(range(281, 300));
    room.close();
  }
});

test("a search is narrowed to a sender and a time, with and without a text", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Filters", memberIds: [bob.account.id] });
  const [there, here] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  await say(there, "fog by ann");
  await say(here, "fog by bob");
  await say(here, "sun by bob");
  const { created_at } = here.getSnapshot().messages.at(-1)!;
  const found = async (...search: Parameters<LiveRoom["search"]>) =>
    (await here.search(...search)).map(({ content }) => content);
  const senderId = bob.account.id;
  expect(await found("fog", { senderId })).toEqual(["fog by bob"]);
  expect(await found("", { senderId })).toEqual(["sun by bob", "fog by bob"]);
  expect(await found("", { senderId, sentBefore: new Date(created_at) })).toEqual(["fog by bob"]);
  expect(await found("", { sentAfter: new Date(created_at) })).toEqual(["sun by bob"]);
  await expect(found("")).rejects.toMatchObject({ code: "invalid_query" });
});

test("the earlier texts of an edited message can be read until it is deleted", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Edits", memberIds: [bob.account.id] });
  const [there, here] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  const [message] = await say(there, "one");
  await there.edit(message!.id, "two");
  expect(await here.edits(message!.id)).toEqual([{ content: "one", written_at: message!.created_at }]);
  await there.delete(message!.id);
  expect(await here.edits(message!.id)).toEqual([]);
});
