import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, onTestFinished, test } from "vitest";
import { ChatError } from "../../client/sdk/src/index.ts";
import { Proxy } from "../support/proxy.ts";
import type { Account } from "../support/users.ts";
import { type Device, deviceOf, newDevice, openLive, say, supabaseAt, texts } from "./devices.ts";
import { MemoryStorage } from "./memory_storage.ts";

const { api_url } = inject("status");
const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

/** A browser that ann and bob share, behind a network of its own, with ann signed in. */
async function sharedBrowser(storage: MemoryStorage | null = null) {
  const proxy = await Proxy.start(api_url);
  onTestFinished(() => proxy.close());
  const supabase = supabaseAt(proxy.url);
  const browser = deviceOf(ann.account, supabase, { storage });
  await signIn(browser, ann.account);
  return { proxy, browser };
}

async function signIn({ supabase }: Device, { email, password }: Account) {
  const { error } = await supabase.auth.signInWithPassword({ email, password });
  if (error) throw error;
}

const group = async () => (await ann.chat.rooms.createGroup({ name: "Ours", memberIds: [bob.account.id] })).id;

test("the next user is not shown what was read for the last", async () => {
  const { proxy, browser } = await sharedBrowser();
  const { id } = await ann.chat.rooms.createGroup({ name: "Ann's alone" });
  const answers = proxy.hold(/\/rpc\/room_list/, "answers");
  const seen = new Set<number>();
  browser.chat.rooms.subscribe(() => {
    for (const room of browser.chat.rooms.getSnapshot().rooms) seen.add(room.id);
  });
  await expect.poll(() => answers.held).toBeGreaterThan(0);
  await signIn(browser, bob.account);
  answers.release();
  await expect.poll(() => browser.chat.rooms.getSnapshot().status).toBe("ready");
  expect(seen).not.toContain(id);
  expect(browser.supabase.getChannels().map(({ subTopic }) => subTopic)).not.toContain(`user:${ann.account.id}`);
});

test("a read mark of one user is not set for the next", async () => {
  const { browser } = await sharedBrowser();
  const id = await group();
  await say(await openLive(ann, id), "One", "Two");
  const room = await openLive(browser, id);
  const cleo = await newDevice("cleo");
  await say(await openLive(bob, id), "Three");
  await ann.chat.rooms.addMembers(id, [cleo.account.id]);
  await say(await openLive(bob, id), "Four");
  await expect.poll(() => texts(room).at(-1)).toBe("Four");
  room.markRead();
  await signIn(browser, cleo.account);
  await sleep(800); // a mark waits for a later one
  expect((await cleo.chat.rooms.get(id)).unread_count).toBe(1);
});

test("the next user's queue is sent although a message of the last user was in flight", async () => {
  const storage = new MemoryStorage();
  const { proxy, browser } = await sharedBrowser(storage);
  const id = await group();
  const kept = { client_id: crypto.randomUUID(), room_id: id, content: "Kept for bob", metadata: {} };
  storage.setItem(`parley.outbox.${bob.account.id}`, JSON.stringify([kept]));
  const sending = proxy.hold(/\/rpc\/send_message/, "answers");
  browser.chat.outbox.add({ room_id: id, content: "From ann" });
  await expect.poll(() => sending.held).toBe(1);
  await signIn(browser, bob.account);
  sending.release();
  await expect.poll(() => storage.items.has(`parley.outbox.${bob.account.id}`)).toBe(false);
  const room = await openLive(ann, id);
  const senders = room.getSnapshot().messages.map(({ content, sender_id }) => [content, sender_id]);
  expect(senders).toEqual([["From ann", ann.account.id], ["Kept for bob", bob.account.id]]);
});

test("a message written after sign-out is not sent as the next user", async () => {
  const { browser } = await sharedBrowser();
  const id = await group();
  const room = await openLive(browser, id);
  await browser.supabase.auth.signOut({ scope: "local" });
  room.send("Ann, too late");
  await signIn(browser, bob.account);
  browser.chat.outbox.add({ room_id: id, content: "Bob" });
  await browser.chat.outbox.flush();
  expect(texts(await openLive(ann, id))).toEqual(["Bob"]);
});

test("a new friend is notified, whichever user signs in, at any time", async () => {
  const browser = deviceOf(ann.account, supabaseAt(), {});
  const heard: string[] = [];
  const stop = browser.chat.friends.onAdded(({ username }) => heard.push(username));
  const isCalled = async (account: Account) => {
    await signIn(browser, account);
    await expect.poll(() => browser.supabase.getChannels().map(({ subTopic, state }) => [subTopic, state]))
      .toEqual([[`user:${account.id}`, "joined"]]);
    const caller = await newDevice("caller");
    await caller.chat.friends.add(account.id);
    await expect.poll(() => heard).toEqual([caller.account.username]);
    heard.length = 0;
  };
  await isCalled(ann.account);
  await isCalled(bob.account);
  stop();
  await expect.poll(() => browser.supabase.getChannels()).toEqual([]);
});

test("a closed chat opens nothing more, and leaves no channel and no listener", async () => {
  const { browser } = await sharedBrowser();
  const id = await group();
  const { chat, supabase } = browser;
  chat.rooms.subscribe(() => {});
  chat.friends.onAdded(() => {});
  await Promise.all([openLive(browser, id), openLive(browser, id)]);
  chat.close();
  await expect.poll(() => supabase.getChannels()).toEqual([]);
  chat.rooms.subscribe(() => {});
  const room = chat.rooms.open(id);
  await expect(room.ready).rejects.toBeInstanceOf(ChatError);
  expect(room.getSnapshot()).toMatchObject({ status: "closed", error: { code: "closed" } });
  await expect(chat.userId()).rejects.toMatchObject({ code: "closed" });
  expect(chat.rooms.getSnapshot().status).toBe("idle");
  expect(supabase.getChannels()).toEqual([]);
});
