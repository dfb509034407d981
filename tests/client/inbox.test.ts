import { afterAll, expect, inject, onTestFinished, test } from "vitest";
import type { Chat, InboxRoom } from "../../client/sdk/src/index.ts";
import { database } from "../support/clients.ts";
import { Proxy } from "../support/proxy.ts";
import { another, newDevice, openLive, say } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
const memberIds = [bob.account.id];
const sql = database();
afterAll(() => sql.end());

const inbox = (chat: Chat) => chat.rooms.getSnapshot();
const find = (chat: Chat, id: number) => inbox(chat).rooms.find((room) => room.id === id);

/** A group of ann and bob, which bob's inbox shows. */
async function newGroup(name: string): Promise<InboxRoom> {
  const room = await ann.chat.rooms.createGroup({ name, memberIds });
  await expect.poll(() => find(bob.chat, room.id)?.title).toBe(name);
  return room;
}

bob.chat.rooms.subscribe(() => {});
ann.chat.rooms.subscribe(() => {});

test("the inbox counts unread messages, and shows the most recent room first", async () => {
  const [tea, coffee] = [await newGroup("Tea"), await newGroup("Coffee")];
  expect(inbox(bob.chat).rooms.slice(0, 2).map(({ id }) => id)).toEqual([coffee.id, tea.id]);
  await say(await openLive(ann, tea.id), "One", "Two", "Three");
  await expect.poll(() => find(bob.chat, tea.id)?.unread_count).toBe(3);
  expect(inbox(bob.chat).rooms[0]).toMatchObject({ id: tea.id, last_message: { content: "Three" }, last_seq: 3 });
  expect(inbox(bob.chat).unread).toBe(3);
  expect(find(ann.chat, tea.id)?.unread_count).toBe(0);
  const room = await openLive(bob, tea.id);
  room.markRead(2);
  expect(find(bob.chat, tea.id)?.unread_count).toBe(1);
  room.markRead();
  expect(inbox(bob.chat).unread).toBe(0);
  await expect.poll(async () => (await bob.chat.rooms.get(tea.id)).unread_count).toBe(0);
});

test("the inbox follows names, roles, edits and deletions", async () => {
  const { id } = await newGroup("Old name");
  await ann.chat.rooms.update(id, { name: "New name" });
  await expect.poll(() => find(bob.chat, id)?.title).toBe("New name");
  await ann.chat.rooms.setRole(id, bob.account.id, "admin");
  await expect.poll(() => find(bob.chat, id)?.role).toBe("admin");
  const room = await openLive(ann, id);
  const [message] = await say(room, "Typo");
  await room.edit(message!.id, "Text");
  await expect.poll(() => find(bob.chat, id)?.last_message?.content).toBe("Text");
  await room.delete(message!.id);
  await expect.poll(() => find(bob.chat, id)?.last_message?.deleted_at).toBeTruthy();
  expect(await bob.chat.rooms.get(id)).toEqual(find(bob.chat, id));
});

test("rooms appear and disappear with membership", async () => {
  const { id } = await newGroup("Come and go");
  await ann.chat.rooms.removeMember(id, bob.account.id);
  await expect.poll(() => find(bob.chat, id)).toBeUndefined();
  await expect.poll(() => find(ann.chat, id)?.member_count).toBe(1);
  await ann.chat.rooms.addMembers(id, memberIds);
  await expect.poll(() => find(bob.chat, id)?.member_count).toBe(2);
  await bob.chat.rooms.leave(id);
  await expect.poll(() => find(bob.chat, id)).toBeUndefined();
  // Its events now come from another topic.
  await ann.chat.rooms.update(id, { name: "Moved" });
  await expect.poll(() => find(ann.chat, id)).toMatchObject({ title: "Moved", topic: `room:${id}:3` });
  await ann.chat.rooms.delete(id);
  await expect.poll(() => find(ann.chat, id)).toBeUndefined();
});

test("archived and muted rooms do not count", async () => {
  const { id } = await newGroup("Quiet");
  const { unread } = inbox(bob.chat);
  await say(await openLive(ann, id), "Psst");
  await expect.poll(() => inbox(bob.chat).unread).toBe(unread + 1);
  await bob.chat.rooms.mute(id, new Date(Date.now() + 60_000));
  expect(inbox(bob.chat).unread).toBe(unread);
  await bob.chat.rooms.mute(id, null);
  expect(inbox(bob.chat).unread).toBe(unread + 1);
  await bob.chat.rooms.archive(id);
  expect(find(bob.chat, id)?.archived_at).toBeTruthy();
  expect(inbox(bob.chat).unread).toBe(unread);
  expect((await bob.chat.rooms.list({ archived: true })).map((room) => room.id)).toEqual([id]);
  await bob.chat.rooms.archive(id, false);
  await bob.chat.rooms.markRead(id);
  expect(find(bob.chat, id)).toMatchObject({ archived_at: null, unread_count: 0 });
});

test("what the user sets stays, although the list was read before", async () => {
  const { id } = await newGroup("Kept");
  const proxy = await Proxy.start(inject("status").api_url);
  onTestFinished(() => proxy.close());
  const { chat } = await another(bob, proxy.url, { pollMs: 50 });
  chat.rooms.subscribe(() => {});
  await expect.poll(() => find(chat, id)).toBeDefined();
  const answers = proxy.hold(/\/rpc\/room_list/, "answers");
  await expect.poll(() => answers.held).toBeGreaterThan(0);
  await chat.rooms.archive(id);
  const seen = new Set<boolean>();
  const stop = chat.rooms.subscribe(() => seen.add(find(chat, id)!.archived_at !== null));
  answers.release();
  await expect.poll(async () => (await chat.rooms.list({ archived: true })).map((room) => room.id)).toContain(id);
  await newGroup("Read after that").then((room) => expect.poll(() => find(chat, room.id)).toBeDefined());
  stop();
  expect([...seen]).toEqual([true]);
});

test("a room that another client has muted forever does not count", async () => {
  const { id } = await newGroup("Muted");
  const { unread } = inbox(bob.chat);
  await say(await openLive(ann, id), "Psst");
  await bob.supabase.schema("chat").from("room_members").update({ muted_until: "infinity" })
    .eq("room_id", id).eq("user_id", bob.account.id).throwOnError();
  const { chat } = await another(bob);
  chat.rooms.subscribe(() => {});
  await expect.poll(() => find(chat, id)).toMatchObject({ muted_until: "infinity", unread_count: 1 });
  expect(inbox(chat).unread).toBe(unread);
});

test("a public group can be found and joined", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "For all", isPublic: true });
  expect((await bob.chat.rooms.listPublic({ limit: 1_000 })).map((room) => room.id)).toContain(id);
  await expect(bob.chat.rooms.open(id).ready).rejects.toMatchObject({ code: "room_not_found" });
  expect(await bob.chat.rooms.join(id)).toMatchObject({ id, role: "member", member_count: 2 });
  expect((await bob.chat.rooms.members(id)).map(({ user_id }) => user_id)).toEqual([ann.account.id, bob.account.id]);
});

test("a snapshot stays the same object until something changes, and so do its unchanged parts", async () => {
  const [one, other] = [await newGroup("One"), await newGroup("Other")];
  const before = inbox(bob.chat);
  expect(inbox(bob.chat)).toBe(before);
  await say(await openLive(ann, one.id), "Changed");
  await expect.poll(() => find(bob.chat, one.id)?.unread_count).toBe(1);
  expect(inbox(bob.chat)).not.toBe(before);
  expect(find(bob.chat, other.id)).toBe(before.rooms.find(({ id }) => id === other.id));
  expect(before.rooms.find(({ id }) => id === one.id)!.unread_count).toBe(0);
});

test("of many rooms the first hundred show, the others on demand, and the most active are live", async () => {
  const busy = await newDevice("busy");
  const { chat, supabase } = busy;
  const names = Array.from({ length: 105 }, (_, n) => `Room ${n}`);
  await Promise.all(names.map((name) => supabase.schema("chat").rpc("create_group_room", { name }).throwOnError()));
  chat.rooms.subscribe(() => {});
  await expect.poll(() => inbox(chat)).toMatchObject({ status: "ready", hasMore: true });
  expect(inbox(chat).rooms).toHaveLength(100);
  await chat.rooms.loadMore();
  expect(inbox(chat)).toMatchObject({ hasMore: false });
  expect(new Set(inbox(chat).rooms.map(({ id }) => id)).size).toBe(105);
  // One for each of 60 rooms, and the user's own.
  await expect.poll(() => supabase.getChannels().length).toBe(61);

  // An hour later.
  const [first, last] = [inbox(chat).rooms[0]!, inbox(chat).rooms.at(-1)!];
  await chat.rooms.addMembers(last.id, [ann.account.id]);
  await sql`update chat.rooms set created_at = created_at - interval '1 hour' where created_by = ${busy.account.id}`;
  const later = await another(busy, undefined, { pollMs: 3_600_000 });
  const topics = () => later.supabase.getChannels().map(({ subTopic }) => subTopic).sort();
  const joined = () => later.supabase.getChannels().every(({ state }) => state === "joined");
  later.chat.rooms.subscribe(() => {});
  await openLive(later, first.id);
  await expect.poll(joined).toBe(true);
  expect(topics()).toEqual([first.topic, `${first.topic}:live`, `user:${busy.account.id}`].sort());
  expect(find(later.chat, last.id)).toBeUndefined();
  await ann.supabase.schema("chat").rpc("send_message", { room_id: last.id, content: "Up" }).throwOnError();
  await expect.poll(() => inbox(later.chat).rooms[0])
    .toMatchObject({ id: last.id, last_message: { content: "Up" }, unread_count: 1 });
  await expect.poll(topics).toContain(last.topic);
  await ann.supabase.schema("chat").rpc("send_message", { room_id: last.id, content: "And up" }).throwOnError();
  await expect.poll(() => inbox(later.chat).rooms[0])
    .toMatchObject({ last_message: { content: "And up" }, unread_count: 2 });

  // Long after that, it is read on another device.
  await sql`update chat.rooms set last_message_at = last_message_at - interval '1 hour' where id = ${last.id}`;
  const third = await another(busy, undefined, { pollMs: 3_600_000 });
  third.chat.rooms.subscribe(() => {});
  await expect.poll(() => find(third.chat, last.id)).toMatchObject({ unread_count: 2, is_dormant: true });
  await expect.poll(() => third.supabase.getChannels().map(({ subTopic, state }) => [subTopic, state]))
    .toEqual([[`user:${busy.account.id}`, "joined"]]);
  await chat.rooms.markRead(last.id);
  await expect.poll(() => find(third.chat, last.id)?.unread_count).toBe(0);
});
