import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { newDevice, openLive, say, texts } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

async function newRoom() {
  const { id } = await ann.chat.rooms.createGroup({ name: "Twice", memberIds: [bob.account.id] });
  return { id, here: await openLive(ann, id), there: await openLive(bob, id) };
}

test("a room opened twice shows each message once in both, and one continues when the other closes", async () => {
  const { id, here, there } = await newRoom();
  const again = await openLive(ann, id);
  const shown: string[][] = [];
  for (const room of [here, again]) room.subscribe(() => shown.push(texts(room)));
  await say(here, "One");
  await say(again, "Two");
  for (const room of [here, again, there]) await expect.poll(() => texts(room)).toEqual(["One", "Two"]);
  for (const list of shown) expect(list).toEqual([...new Set(list)]);
  here.close();
  await say(there, "Three");
  await expect.poll(() => texts(again)).toEqual(["One", "Two", "Three"]);
  expect(again.getSnapshot()).toMatchObject({ status: "live", online: expect.arrayContaining([ann.account.id]) });
  expect(there.getSnapshot().online).toContain(ann.account.id);
});

test("typing still shows when the clock is set back", async () => {
  const { here, there } = await newRoom();
  await expect.poll(() => there.getSnapshot().online).toContain(ann.account.id);
  const gaps: number[] = [];
  there.subscribe(() => there.getSnapshot().typing.length === 0 && gaps.push(1));
  here.typing();
  await expect.poll(() => there.getSnapshot().typing).toHaveLength(1);
  gaps.length = 0;
  const now = Date.now();
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now - 3_600_000);
  const keys = setInterval(() => here.typing(), 200);
  await sleep(7_000); // shown for 6 seconds
  clearInterval(keys);
  clock.mockRestore();
  expect(there.getSnapshot().typing).toHaveLength(1);
  expect(gaps).toEqual([]);
});
