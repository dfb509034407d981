import { expect, test } from "vitest";
import { appClient } from "../support/clients.ts";
import { newDevice, newDeviceOf, openLive, say, texts } from "./devices.ts";
import { Forbidden } from "./forbidden.ts";

test("where WebSockets are blocked, rooms and the inbox are polled more often than once a minute", async () => {
  const supabase = appClient({ realtime: { transport: Forbidden as never } });
  const [ann, bob] = await Promise.all([newDevice("ann"), newDeviceOf(supabase, "bob")]);
  bob.chat.rooms.subscribe(() => {});
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });
  const here = await openLive(ann, id);
  const there = bob.chat.rooms.open(id);
  await there.ready;
  await say(here, "One");
  await expect.poll(() => texts(there)).toEqual(["One"]);
  await say(here, "Two");
  await expect.poll(() => texts(there)).toEqual(["One", "Two"]);
  await expect.poll(() => bob.chat.rooms.getSnapshot().rooms[0]?.unread_count).toBe(2);
  expect(there.getSnapshot().status).toBe("connecting");
});
