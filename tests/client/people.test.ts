import { expect, test } from "vitest";
import { createChat, displayName } from "../../client/sdk/src/index.ts";
import { newDevice } from "./devices.ts";
import { PIXEL } from "./pixel.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

test("users can find each other and change their profiles", async () => {
  expect(await ann.chat.profiles.me()).toMatchObject({ id: ann.account.id, username: ann.account.username });
  expect(await bob.chat.profiles.search(ann.account.username.toUpperCase())).toMatchObject([{ id: ann.account.id }]);
  expect(await bob.chat.profiles.search("%_")).toEqual([]);
  expect(await ann.chat.profiles.update({ first_name: "Ann", bio: "Tea" })).toMatchObject({ first_name: "Ann" });
  expect(await bob.chat.profiles.get(ann.account.id)).toMatchObject({ bio: "Tea", email: "" });
  await ann.chat.profiles.update({ show_email: true });
  expect(await bob.chat.profiles.get(ann.account.id)).toMatchObject({ email: ann.account.email });
  expect(await bob.chat.profiles.list([ann.account.id, bob.account.id])).toHaveLength(2);
});

test("a picture of oneself replaces the earlier one, whose file is deleted", async () => {
  const { profiles } = ann.chat;
  const picture = new Blob([PIXEL], { type: "image/png" });
  const urls: string[] = [];
  for (let count = 0; count < 2; count++) urls.push((await profiles.setPicture(picture)).avatar_url!);
  expect((await bob.chat.profiles.get(ann.account.id)).avatar_url).toBe(urls[1]);
  const seen = async (url: string) => (await fetch(url)).status;
  expect([await seen(urls[0]!), await seen(urls[1]!)]).toEqual([400, 200]);
  // What is elsewhere is not touched.
  await profiles.update({ avatar_url: "https://example.com/ann.png" });
  expect((await profiles.setPicture(null)).avatar_url).toBe(null);
  expect(await seen(urls[1]!)).toBe(200);
  await profiles.update({ avatar_url: urls[1]! });
  await profiles.setPicture(null);
  expect(await seen(urls[1]!)).toBe(400);
});

test("a file of another type, or a large one, is refused as a picture", async () => {
  for (const [type, size] of [["image/svg+xml", 10], ["image/png", 3_000_000]] as const) {
    const wrong = new Blob([new Uint8Array(size)], { type });
    await expect(ann.chat.profiles.setPicture(wrong)).rejects.toMatchObject({ code: "invalid_value" });
  }
});

test.each([
  ["Leo", "Baum", "Leo Baum"],
  ["", "Baum", "Baum"],
  ["Leo ", "", "Leo"],
  [" ", "", "leo"],
])("a person named %j %j is called %j", (first_name, last_name, name) => {
  expect(displayName({ username: "leo", first_name, last_name })).toBe(name);
});

test("a taken username is refused by name", async () => {
  const { username } = bob.account;
  expect(await ann.chat.profiles.usernameAvailable(username)).toBe(false);
  expect(await ann.chat.profiles.usernameAvailable(`${username}-2`)).toBe(true);
  await expect(ann.chat.profiles.update({ username })).rejects.toMatchObject({ code: "already_exists", status: 409 });
  await expect(ann.chat.profiles.get(crypto.randomUUID())).rejects.toMatchObject({ code: "user_not_found" });
});

test("a friend is added once, notified, listed and removed", async () => {
  const told: string[] = [];
  const stop = bob.chat.friends.onAdded(({ username }) => told.push(username));
  await expect.poll(() => bob.supabase.getChannels().map(({ state }) => state)).toEqual(["joined"]);
  await ann.chat.friends.add(bob.account.id);
  await ann.chat.friends.add(bob.account.id);
  expect(await ann.chat.friends.list()).toMatchObject([{ id: bob.account.id }]);
  expect(await bob.chat.friends.list()).toEqual([]);
  expect(await bob.chat.friends.list(ann.account.id)).toMatchObject([{ username: bob.account.username }]);
  await expect.poll(() => told).toEqual([ann.account.username]);
  stop();
  await expect.poll(() => bob.supabase.getChannels()).toEqual([]);
  await ann.chat.friends.remove(bob.account.id);
  expect(await ann.chat.friends.list()).toEqual([]);
  await expect(ann.chat.friends.add(ann.account.id)).rejects.toMatchObject({ name: "ChatError" });
});

test("a user with a heartbeat is online until they sign out", async () => {
  expect(await bob.chat.status.of([ann.account.id])).toEqual([]);
  ann.chat.status.start();
  await expect.poll(() => bob.chat.status.of([ann.account.id])).toMatchObject([{ is_online: true }]);
  await ann.chat.status.signOut();
  expect(await bob.chat.status.of([ann.account.id])).toMatchObject([{ user_id: ann.account.id, is_online: false }]);
});

test("calls without a user fail by name, and a chat passes from one user to the next", async () => {
  const { supabase, chat, account } = await newDevice("first");
  chat.rooms.subscribe(() => {});
  const { id } = await chat.rooms.createGroup({ name: "Mine" });
  await expect.poll(() => chat.rooms.getSnapshot().rooms).toMatchObject([{ id }]);
  const room = chat.rooms.open(id);
  await room.ready;
  await supabase.auth.signOut({ scope: "local" });
  expect(chat.rooms.getSnapshot().rooms).toEqual([]);
  expect(room.getSnapshot().status).toBe("closed");
  await expect(chat.userId()).rejects.toMatchObject({ code: "not_signed_in", status: 401 });
  await expect(chat.profiles.me()).rejects.toMatchObject({ code: "not_signed_in" });
  const waiting = chat.rooms.open(id);
  await expect.poll(() => waiting.getSnapshot()).toMatchObject({ status: "loading", error: { code: "not_signed_in" } });
  const { email, password } = bob.account;
  await supabase.auth.signInWithPassword({ email, password });
  expect(await chat.userId()).toBe(bob.account.id);
  await expect(waiting.ready).rejects.toMatchObject({ code: "room_not_found" });
  await expect.poll(() => chat.rooms.getSnapshot().status).toBe("ready");
  expect(chat.rooms.getSnapshot().rooms).toEqual([]);
  expect(await chat.userId()).not.toBe(account.id);
});

test("the groups of two people are those that both are in, by name", async () => {
  const [{ chat }, dora] = await Promise.all([newDevice("carl"), newDevice("dora")]);
  const memberIds = [dora.account.id];
  expect(await chat.rooms.shared(dora.account.id)).toEqual([]);
  const { id } = await chat.rooms.createGroup({ name: "Tea", memberIds });
  const first = await chat.rooms.createGroup({ name: "Coffee", memberIds });
  await chat.rooms.createGroup({ name: "Alone", isPublic: true });
  await dora.chat.rooms.createGroup({ name: "Others", isPublic: true });
  await chat.rooms.createDirect(dora.account.id);
  expect(await chat.rooms.shared(dora.account.id)).toEqual([
    { id: first.id, name: "Coffee", member_count: 2, avatar_url: null },
    { id, name: "Tea", member_count: 2, avatar_url: null },
  ]);
});

test("who blocks somebody learns it on another device, and neither reaches the other until it ends", async () => {
  const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
  const changes: unknown[] = [];
  const other = createChat(ann.supabase);
  const stop = other.blocks.onChanged((change) => changes.push(change));
  await expect.poll(() => ann.supabase.getChannels().map(({ state }) => state)).toContain("joined");
  const { id } = await ann.chat.rooms.createDirect(bob.account.id);
  const [seen, own] = [bob, ann].map(({ chat }) => chat.rooms.open(id));
  await Promise.all([seen!.ready, own!.ready]);
  await expect.poll(() => seen!.getSnapshot().online).toContain(ann.account.id);
  await ann.chat.blocks.block(bob.account.id);
  await ann.chat.blocks.block(bob.account.id);
  expect([await ann.chat.blocks.has(bob.account.id), await bob.chat.blocks.has(ann.account.id)]).toEqual([true, false]);
  expect(await ann.chat.blocks.list()).toMatchObject([{ username: bob.account.username }]);
  expect(await bob.chat.blocks.list()).toEqual([]);
  for (const [one, two] of [[ann, bob], [bob, ann]] as const) {
    await expect(one.chat.rooms.createDirect(two.account.id)).rejects.toMatchObject({
      code: "not_reachable",
      status: 403,
    });
    await expect(one.chat.friends.add(two.account.id)).rejects.toMatchObject({ code: "not_reachable" });
  }
  seen!.send("Are you there?");
  await expect.poll(() => seen!.getSnapshot().messages.at(-1)).toMatchObject({
    state: "failed",
    error: "not_reachable",
  });
  // The open room shows no longer that the other has it open.
  await expect.poll(() => seen!.getSnapshot()).toMatchObject({ status: "live", online: [] });
  await ann.chat.blocks.unblock(bob.account.id);
  seen!.retry(seen!.getSnapshot().messages.at(-1)!.client_id!);
  await expect.poll(() => own!.getSnapshot().messages.at(-1)?.content).toBe("Are you there?");
  await expect.poll(() => seen!.getSnapshot().online).toContain(ann.account.id);
  expect(await ann.chat.profiles.update({ direct_from: "nobody" })).toMatchObject({ direct_from: "nobody" });
  const carl = await newDevice("carl");
  await expect(carl.chat.rooms.createDirect(ann.account.id)).rejects.toMatchObject({ code: "not_reachable" });
  expect((await bob.chat.rooms.createDirect(ann.account.id)).id).toBe(id);
  expect(changes).toEqual([{ user_id: bob.account.id, blocked: true }, { user_id: bob.account.id, blocked: false }]);
  stop();
  for (const room of [seen, own]) room!.close();
});
