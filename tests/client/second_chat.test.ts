import { expect, test } from "vitest";
import { createChat } from "../../client/sdk/src/index.ts";
import { deviceOf, newDevice, openLive, say, texts } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

async function newRoom() {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });
  return { id, there: await openLive(ann, id) };
}

test("a chat created right after another of the same client was closed is live, as when React mounts twice", async () => {
  const { id, there } = await newRoom();
  const first = createChat(bob.supabase, { storage: null, retryMs: 50 });
  const opened = first.rooms.open(id);
  await expect.poll(() => opened.getSnapshot().status).toBe("live");
  first.close();
  const second = deviceOf(bob.account, bob.supabase);
  const here = await openLive(second, id);
  await say(there, "Hello");
  await expect.poll(() => texts(here)).toEqual(["Hello"]);
});

test("two chats of one client show the same, and one continues when the other is closed", async () => {
  const { id, there } = await newRoom();
  const chats = [deviceOf(bob.account, bob.supabase), deviceOf(bob.account, bob.supabase)] as const;
  const rooms = await Promise.all(chats.map((device) => openLive(device, id)));
  await say(there, "One");
  for (const room of rooms) await expect.poll(() => texts(room)).toEqual(["One"]);
  chats[0].chat.close();
  await say(there, "Two");
  await expect.poll(() => texts(rooms[1]!)).toEqual(["One", "Two"]);
});
