import { expect, inject, test } from "vitest";
import { fine, Proxy } from "../support/proxy.ts";
import { another, type Device, newDevice, openLive, say, texts } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

/** Bob on a device that gets no events from Realtime, though all connections are open, in a room of ann's. */
async function deaf(pollMs?: number) {
  const proxy = await Proxy.start(inject("status").api_url);
  const device = await another(bob, proxy.url, { pollMs });
  const { id } = await ann.chat.rooms.createGroup({ name: "Silence", memberIds: [bob.account.id] });
  const [here, there] = await Promise.all([openLive(ann, id), openLive(device, id)]);
  await inboxOf(device, id);
  if (!pollMs) await proxy.quiet(); // its first requests have their responses
  proxy.weather = { ...fine, deaf: true };
  return { proxy, device, id, here, there };
}

/** Waits until the inbox of a device shows a room. */
async function inboxOf({ chat }: Device, id: number) {
  chat.rooms.subscribe(() => {});
  await expect.poll(() => chat.rooms.getSnapshot().rooms.map((room) => room.id)).toContain(id);
}

const unread = ({ chat }: Device, id: number) =>
  chat.rooms.getSnapshot().rooms.find((room) => room.id === id)?.unread_count;

test("an event after a lost one brings both", async () => {
  const { proxy, device, id, here, there } = await deaf();
  await say(here, "Lost");
  expect(texts(there)).toEqual([]);
  proxy.weather = fine;
  await say(here, "Heard");
  await expect.poll(() => texts(there)).toEqual(["Lost", "Heard"]);
  await expect.poll(() => unread(device, id)).toBe(2);
});

test("a renewed token brings what was lost", async () => {
  const { device, id, here, there } = await deaf();
  await say(here, "Lost");
  expect(texts(there)).toEqual([]);
  const { error } = await device.supabase.auth.refreshSession();
  expect(error).toBeNull();
  await expect.poll(() => texts(there)).toEqual(["Lost"]);
  await expect.poll(() => unread(device, id)).toBe(1);
});

test("changes without an event are polled after a while", async () => {
  const { device, id, here, there } = await deaf(300);
  await say(here, "Lost");
  await expect.poll(() => texts(there)).toEqual(["Lost"]);
  await expect.poll(() => unread(device, id)).toBe(1);
});

test("an own message shows as sent, and brings what was lost before it", async () => {
  const { here, there } = await deaf();
  await say(here, "Lost");
  const mine = there.send("Mine");
  await expect.poll(() => there.getSnapshot().messages.at(-1)).toMatchObject({
    client_id: mine,
    state: "sent",
    seq: 2,
  });
  await expect.poll(() => texts(there)).toEqual(["Lost", "Mine"]);
});

test("a removal whose event was lost closes the room", async () => {
  const { device, id, there } = await deaf(300);
  await ann.chat.rooms.removeMember(id, bob.account.id);
  await expect.poll(() => there.getSnapshot()).toMatchObject({
    status: "closed",
    error: { code: "room_not_found" },
  });
  await expect.poll(() => unread(device, id)).toBeUndefined();
});
