import { expect, test } from "vitest";
import type { LiveRoom, SentMessage } from "../../client/sdk/src/index.ts";
import { newDevice, openLive, say } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });

const reactions = (room: LiveRoom, message: number) => {
  const { reactions, own_reactions } = room.getSnapshot().messages.find((each) => each.id === message)!;
  return { reactions, own_reactions };
};

test("a reaction shows at once, on every device with its counts, and only its own people see it as theirs", async () => {
  const [here, there] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  const [message] = await say(here, "Tea?") as [SentMessage];
  await expect.poll(() => there.getSnapshot().messages.map((each) => each.id)).toContain(message.id);
  const version = here.getSnapshot().room!.version;

  const reacted = here.react(message.id, "👍");
  expect(reactions(here, message.id)).toEqual({ reactions: { "👍": 1 }, own_reactions: ["👍"] });
  await reacted;
  await expect.poll(() => reactions(there, message.id)).toEqual({ reactions: { "👍": 1 }, own_reactions: [] });
  await here.react(message.id, "👍");
  await there.react(message.id, "👍");
  await there.react(message.id, "❤");
  await expect.poll(() => reactions(here, message.id)).toEqual({
    reactions: { "👍": 2, "❤️": 1 },
    own_reactions: ["👍"],
  });
  expect(reactions(there, message.id).own_reactions).toEqual(["👍", "❤️"]);
  expect(here.getSnapshot().room!.version).toBe(version + 3);
  expect(here.find(message.id)!.version).toBe(message.version);
  expect(here.getSnapshot().unread).toBe(0);

  expect((await here.reactions(message.id)).map(({ username, emoji }) => [username, emoji])).toEqual([
    [ann.account.username, "👍"],
    [bob.account.username, "👍"],
    [bob.account.username, "❤️"],
  ]);
  expect(await here.reactions(message.id, { emoji: "👍", offset: 1, limit: 1 })).toMatchObject([
    { user_id: bob.account.id },
  ]);

  const taken = there.unreact(message.id, "👍");
  expect(reactions(there, message.id).reactions).toEqual({ "👍": 1, "❤️": 1 });
  await taken;
  await expect.poll(() => reactions(here, message.id).reactions).toEqual({ "👍": 1, "❤️": 1 });

  // What was missed comes by sync, and with the room.
  const late = await openLive(bob, id);
  expect(reactions(late, message.id)).toEqual({ reactions: { "👍": 1, "❤️": 1 }, own_reactions: ["❤️"] });
  await here.edit(message.id, "Tea!");
  await expect.poll(() => late.find(message.id)!.content).toBe("Tea!");
  expect(reactions(late, message.id)).toEqual({ reactions: { "👍": 1, "❤️": 1 }, own_reactions: ["❤️"] });
  await here.delete(message.id);
  await expect.poll(() => reactions(late, message.id)).toEqual({ reactions: {}, own_reactions: [] });
  for (const room of [here, there, late]) room.close();
});

test("a reaction that is refused goes again, and says why", async () => {
  const room = await openLive(ann, id);
  const [message] = await say(room, "Coffee?") as [SentMessage];
  const refused = room.react(message.id, "ok");
  expect(reactions(room, message.id).reactions).toEqual({ ok: 1 });
  await expect(refused).rejects.toMatchObject({ code: "invalid_emoji" });
  expect(reactions(room, message.id)).toEqual({ reactions: {}, own_reactions: [] });
  // Pressed twice, the last one counts.
  await Promise.all([room.react(message.id, "👍"), room.unreact(message.id, "👍"), room.react(message.id, "👍")]);
  expect(reactions(room, message.id)).toEqual({ reactions: { "👍": 1 }, own_reactions: ["👍"] });
  room.close();
});

test("reactions that a device has missed come by sync, its own from elsewhere too", async () => {
  const room = await openLive(ann, id);
  const [message] = await say(room, "Cake?") as [SentMessage];
  await ann.supabase.realtime.disconnect();
  for (const { supabase } of [ann, bob]) {
    const { error } = await supabase.schema("chat").rpc("react", { message_id: message.id, emoji: "🎂" });
    expect(error).toBeNull();
  }
  room.sync();
  await expect.poll(() => reactions(room, message.id), { timeout: 10_000 })
    .toEqual({ reactions: { "🎂": 2 }, own_reactions: ["🎂"] });
  room.close();
});
