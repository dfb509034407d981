import { expect, test } from "vitest";
import { newDevice, openLive, say } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
const { rooms } = ann.chat;

test("a bad room id finds no room", async () => {
  await rooms.createGroup({ name: "Tea" });
  await expect(rooms.get(NaN)).rejects.toMatchObject({ code: "room_not_found", status: 404 });
  const room = rooms.open(NaN);
  await expect(room.ready).rejects.toMatchObject({ code: "room_not_found" });
  expect(room.getSnapshot()).toMatchObject({ status: "closed", room: null });
});

test("a bad read mark leaves the unread count unchanged", async () => {
  const { id } = await rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });
  const room = await openLive(ann, id);
  await say(await openLive(bob, id), "One", "Two");
  await expect.poll(() => room.getSnapshot().unread).toBe(2);
  room.markRead(NaN);
  expect(room.getSnapshot().unread).toBe(2);
});

test("archiving or muting another user's room fails", async () => {
  const { id } = await bob.chat.rooms.createGroup({ name: "Bob's", isPublic: true });
  await expect(rooms.archive(id)).rejects.toMatchObject({ code: "room_not_found" });
  await expect(rooms.mute(id, null)).rejects.toMatchObject({ code: "room_not_found" });
});
