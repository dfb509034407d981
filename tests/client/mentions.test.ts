import { expect, test } from "vitest";
import type { Chat, InboxRoom } from "../../client/sdk/src/index.ts";
import { newDevice, openLive } from "./devices.ts";

const [ann, bob, eve] = await Promise.all([newDevice("ann"), newDevice("bob"), newDevice("eve")]);
const [bobId, eveId] = [bob.account.id, eve.account.id];
bob.chat.rooms.subscribe(() => {});
bob.chat.mentions.subscribe(() => {});

const find = (chat: Chat, id: number) => chat.rooms.getSnapshot().rooms.find((room) => room.id === id);
const listed = (id: number) =>
  bob.chat.mentions.getSnapshot().messages.filter(({ room_id }) => room_id === id).map(({ content }) => content);

async function newGroup(name: string): Promise<InboxRoom> {
  const room = await ann.chat.rooms.createGroup({ name, memberIds: [bobId, eveId] });
  await expect.poll(() => find(bob.chat, room.id)?.title).toBe(name);
  return room;
}

test("a mention shows at once, counts apart from unread messages, and is listed", async () => {
  const { id } = await newGroup("Tea");
  const room = await openLive(ann, id);
  const name = (await bob.chat.profiles.get(bobId)).username;
  room.send(`@${name} Tea?`, { mentions: [bobId] });
  expect(room.getSnapshot().messages[0]!.mentions).toMatchObject([{ user_id: bobId, name }]);
  room.send("no mention");
  room.send("@all Cake", { mentionAll: true });
  await expect.poll(() => find(bob.chat, id)).toMatchObject({ unread_count: 3, mention_count: 2 });
  expect(bob.chat.rooms.getSnapshot().mentions).toBe(2);
  await expect.poll(() => listed(id)).toEqual(["@all Cake", `@${name} Tea?`]);
  const bobs = await openLive(bob, id);
  bobs.markRead(1);
  expect(find(bob.chat, id)).toMatchObject({ unread_count: 2, mention_count: 1 });
  await bob.chat.rooms.mute(id, new Date(Date.now() + 3_600_000));
  await expect.poll(() => bob.chat.rooms.getSnapshot()).toMatchObject({ unread: 0, mentions: 1 });
  bobs.markRead();
  expect(bob.chat.rooms.getSnapshot().mentions).toBe(0);
  await expect.poll(async () => (await bob.chat.rooms.get(id)).mention_count).toBe(0);
  expect(listed(id)).toHaveLength(2);
});

test("an edit adds and removes a mention, and a deletion removes it", async () => {
  const { id } = await newGroup("Coffee");
  const room = await openLive(ann, id);
  room.send("Coffee?");
  await expect.poll(() => room.getSnapshot().messages[0]?.state).toBe("sent");
  const message = room.getSnapshot().messages[0]!.id!;
  await room.edit(message, "@bob Coffee?", { mentions: [bobId] });
  await expect.poll(() => find(bob.chat, id)?.mention_count).toBe(1);
  await expect.poll(() => listed(id)).toEqual(["@bob Coffee?"]);
  await room.edit(message, "@bob Milk?");
  await expect.poll(() => listed(id)).toEqual(["@bob Milk?"]);
  expect(find(bob.chat, id)?.mention_count).toBe(1);
  await room.edit(message, "Milk?", { mentions: [] });
  await expect.poll(() => find(bob.chat, id)).toMatchObject({ unread_count: 1, mention_count: 0 });
  await expect.poll(() => listed(id)).toEqual([]);
  await room.edit(message, "@all Milk?", { mentionAll: true });
  await expect.poll(() => find(bob.chat, id)?.mention_count).toBe(1);
  const bobs = await openLive(bob, id);
  expect(bobs.getSnapshot().room?.mention_count).toBe(1);
  await room.delete(message);
  await expect.poll(() => find(bob.chat, id)?.mention_count).toBe(0);
  await expect.poll(() => bobs.getSnapshot().room?.mention_count).toBe(0);
  await expect.poll(() => listed(id)).toEqual([]);
});

test("a message that mentions who has left goes out, and mentions the others", async () => {
  const { id } = await newGroup("Cake");
  const room = await openLive(ann, id);
  await ann.chat.rooms.removeMember(id, eveId);
  room.send("Cake?", { mentions: [eveId, bobId] });
  await expect.poll(() => room.getSnapshot().messages[0]?.state).toBe("sent");
  expect(room.getSnapshot().messages[0]!.mentions).toMatchObject([{ user_id: bobId }]);
  expect(await ann.chat.rooms.search("", { mentionsMe: true })).toEqual([]);
  const [found] = await bob.chat.rooms.search("", { mentionsMe: true });
  expect(found).toMatchObject({ room_id: id, content: "Cake?" });
});

test("the list of mentions has pages, and loses those of a room that one leaves", async () => {
  const { id } = await newGroup("Many");
  const db = ann.chat.outbox;
  for (let n = 1; n <= 55; n++) db.add({ room_id: id, content: `${n}`, mentions: [bobId] });
  await db.flush();
  await expect.poll(() => listed(id)[0]).toBe("55");
  while (bob.chat.mentions.getSnapshot().hasMore) await bob.chat.mentions.loadMore();
  expect(listed(id)).toHaveLength(55);
  await bob.chat.rooms.leave(id);
  await expect.poll(() => listed(id)).toEqual([]);
});
