import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Caller } from "../api/caller.ts";
import { newGroup, newPrivate, type Person, send, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { open, openChat } from "./socket.ts";
import { startWorker } from "./worker.ts";

const sql = database();
afterAll(() => sql.end());
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.stop());

/** The statuses of a message, as its sender sees them. */
const statusesOf = async (sender: Person, message: { id: number }) =>
  (await sender.api.get(`/api/messages/${message.id}/`)).body.statuses;

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const unread = { read: false, read_at: null };
const delivered = { delivered: true, delivered_at: time };

/** How often a user's mark in a room moved, by its events. */
async function movements(chat: number, { id }: Person): Promise<string[]> {
  const rows = await sql<{ moved: string }[]>`
    select payload ->> 'moved' as moved from realtime.messages
    where event = 'member.read' and topic like ${`room:${chat}:%`} and payload ->> 'user_number' = ${id}
    order by inserted_at`;
  return rows.map(({ moved }) => moved);
}

test("a message sent to a socket is delivered, and read when the socket says so; its sender sees both in REST and on sockets", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  const [message] = await send(ann, chat, "Hello");
  expect(message.statuses).toMatchObject([{ delivered: false, ...unread }]);
  await bobs.next({ message_id: message.id });
  const of = { user: bob.id, username: bob.username };
  await expect.poll(() => statusesOf(ann, message), { timeout: 5000 }).toEqual([{ ...of, ...delivered, ...unread }]);
  expect((await ann.api.get(`/api/messages/${message.id}/`)).body).toMatchObject({ delivered_count: 1, read_count: 0 });
  expect(anns.of("read")).toEqual([]);
  bobs.send({ type: "read", last_read_message_id: message.id });
  await anns.next({ type: "read", user_id: bob.id, last_read_message_id: message.id });
  expect(await statusesOf(ann, message)).toEqual([{ ...of, ...delivered, read: true, read_at: time }]);
  expect(await movements(chat, ann)).toEqual([]);
});

test("read implies delivered; messages that an earlier mark skipped have no time", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [one, two] = await send(ann, chat, "One", "Two");
  await bob.api.post(`/api/chats/${chat}/read/`, { last_read_message_id: one.id });
  expect(await statusesOf(ann, one)).toMatchObject([{ ...delivered, read: true, read_at: time }]);
  expect(await statusesOf(ann, two)).toMatchObject([{ delivered: false, delivered_at: null, ...unread }]);
  await bob.api.post(`/api/chats/${chat}/read/`, {});
  expect(await statusesOf(ann, two)).toMatchObject([{ ...delivered, read: true, read_at: time }]);
  const unknown = { delivered: true, delivered_at: null, read: true, read_at: null };
  expect(await statusesOf(ann, one)).toMatchObject([unknown]);
});

describe("listing messages delivers them", () => {
  const lists: [name: string, read: (person: Person, chat: number, slug: string) => Promise<unknown>][] = [
    ["messenger messages/", ({ api }, chat) => api.get(`/api/messages/?chat=${chat}`)],
    ["messenger chats/{id}/messages/", ({ api }, chat) => api.get(`/api/chats/${chat}/messages/`)],
    ["messenger sync/", ({ api }, chat) => api.get(`/api/chats/${chat}/sync/`)],
    [
      "mini-chat messages/?room",
      ({ access }, chat) => new Caller(access, "mini-chat").get(`/api/chat/messages/?room=${chat}`),
    ],
    ["mini-chat messages/", ({ access }) => new Caller(access, "mini-chat").get("/api/chat/messages/")],
    [
      "social messages/",
      ({ access }, _, slug) => new Caller(access, "social").get(`/messenger/api/chatrooms/${slug}/messages/`),
    ],
  ];

  test.each(lists)("%s, once", async (_, read) => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const [{ slug }] = await sql<[{ slug: string }]>`select slug from chat.rooms where id = ${chat}`;
    const [one, two] = await send(ann, chat, "One", "Two");
    await read(bob, chat, slug);
    for (const message of [one, two]) {
      expect(await statusesOf(ann, message)).toMatchObject([{ ...delivered, ...unread }]);
    }
    await read(bob, chat, slug);
    await read(ann, chat, slug);
    expect(await movements(chat, bob)).toEqual(["delivered"]);
    expect(await movements(chat, ann)).toEqual([]);
    expect((await bob.api.get(`/api/chats/${chat}/`)).body.unread_count).toBe(2);
  });

  test("a page delivers up to its last message, not beyond", async () => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const [one, two, three] = await send(ann, chat, "One", "Two", "Three");
    await bob.api.get(`/api/messages/?chat=${chat}&after=${one.id}&limit=1`);
    expect(await statusesOf(ann, two)).toMatchObject([delivered]);
    expect(await statusesOf(ann, three)).toMatchObject([{ delivered: false }]);
    await bob.api.get(`/api/messages/?chat=${chat}&before=${two.id}`);
    expect(await statusesOf(ann, two)).toMatchObject([delivered]);
  });

  test("a stranger's request delivers nothing", async () => {
    const { ann, bob, eve } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const [message] = await send(ann, chat, "One");
    expect((await eve.api.get(`/api/messages/?chat=${chat}`)).status).toBe(404);
    expect(await statusesOf(ann, message)).toMatchObject([{ delivered: false }]);
  });
});

describe("a user who shares no receipts", () => {
  const lists: [name: string, read: (person: Person, chat: number) => Promise<unknown>][] = [
    ["messenger lists and read/", async ({ api }, chat) => {
      await api.get(`/api/messages/?chat=${chat}`);
      await api.post(`/api/chats/${chat}/read/`, {});
    }],
    [
      "mini-chat history/",
      ({ access }, chat) => new Caller(access, "mini-chat").get(`/api/chat/rooms/${chat}/history/`),
    ],
    ["a socket", async (person, chat) => {
      const { body: [last] } = await person.api.get(`/api/messages/?chat=${chat}&limit=1`);
      const socket = await openChat(person, chat);
      socket.send({ type: "read", last_read_message_id: last.id });
      const unread = async () => (await person.api.get(`/api/chats/${chat}/`)).body.unread_count;
      await expect.poll(unread).toBe(0);
    }],
  ];

  test.each(lists)("reads by %s: no one is notified, and nothing is unread", async (_, read) => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    await sql`update chat.profiles set share_receipts = false where number = ${bob.id}`;
    const anns = await openChat(ann, chat);
    const bobs = await openChat(bob, chat);
    const [message] = await send(ann, chat, "Secretly read");
    await bobs.next({ text: "Secretly read" });
    expect((await bob.api.get(`/api/chats/${chat}/`)).body.unread_count).toBe(1);
    await read(bob, chat);
    const { body } = await bob.api.get(`/api/chats/${chat}/`);
    expect(body).toMatchObject({ unread_count: 0, last_read_message_id: message.id });
    await sleep(1500);
    const hidden = { delivered: false, delivered_at: null, ...unread };
    expect(await statusesOf(ann, message)).toMatchObject([hidden]);
    expect((await ann.api.get(`/api/messages/${message.id}/`)).body).toMatchObject({
      delivered_count: 0,
      read_count: 0,
    });
    const { body: [listed] } = await new Caller(ann.access, "mini-chat").get(`/api/chat/messages/?room=${chat}`);
    expect(listed.is_read).toBe(false);
    const { body: [own] } = await new Caller(bob.access, "mini-chat").get(`/api/chat/messages/?room=${chat}`);
    expect(own.is_read).toBe(true);
    expect(anns.of("read")).toEqual([]);
    expect(await movements(chat, bob)).toEqual([]);
  });
});

test("a thousand messages in a second move each receiver's mark at most three times", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newGroup(ann, bob, eve);
  const sockets = [await openChat(bob, chat), await openChat(bob, chat), await openChat(eve, chat, "", worker.url)];
  const [{ id: sender }] = await sql<[{ id: string }]>`select id from chat.profiles where number = ${ann.id}`;
  for (let begin = 0; begin < 1000; begin += 100) {
    await sql`insert into chat.messages (room_id, sender_id, content)
      select ${chat}, ${sender}, n::text from generate_series(${begin + 1}::integer, ${begin + 100}::integer) as n`;
  }
  for (const socket of sockets) await socket.next({ text: "1000" });
  const last = async () => (await ann.api.get(`/api/messages/?chat=${chat}&limit=1`)).body[0];
  await expect.poll(async () => (await last()).delivered_count, { timeout: 10_000 }).toBe(2);
  await sleep(1500);
  for (const person of [bob, eve]) {
    const moved = await movements(chat, person);
    expect(new Set(moved)).toEqual(new Set(["delivered"]));
    expect(moved.length).toBeLessThanOrEqual(3);
  }
});

test("a message that the client has not taken is not delivered", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const bobs = await openChat(bob, chat, "", worker.url);
  await bob.api.get("/api/users/me/");
  (bobs.web as unknown as { _socket: { pause(): void } })._socket.pause();
  const texts = Array.from({ length: 1000 }, (_, n) => `${n} ${"x".repeat(9000)}`);
  const [{ id: sender }] = await sql<[{ id: string }]>`select id from chat.profiles where number = ${ann.id}`;
  await sql`insert into chat.messages (room_id, sender_id, content) select ${chat}, ${sender}, unnest(${texts}::text[])`;
  await sleep(3000);
  const { body: [last] } = await ann.api.get(`/api/messages/?chat=${chat}&limit=1`);
  expect(last.statuses).toMatchObject([{ delivered: false, read: false }]);
  bobs.web.terminate();
});

test("the history at the start of a social socket is delivered", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [{ slug }] = await sql<[{ slug: string }]>`select slug from chat.rooms where id = ${chat}`;
  const [message] = await send(ann, chat, "Hello");
  const socket = await open(`/social/ws/chat/${slug}/?token=${bob.access}`);
  await socket.next({ type: "message_history" });
  await expect.poll(() => statusesOf(ann, message), { timeout: 5000 }).toMatchObject([{ ...delivered, ...unread }]);
});

test("a social socket delivers as well, and in large rooms marks are counted but not announced", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [{ slug }] = await sql<[{ slug: string }]>`select slug from chat.rooms where id = ${chat}`;
  const socket = await open(`/social/messenger/ws/ws/chat/${slug}/?token=${bob.access}`);
  const [message] = await send(ann, chat, "Hello");
  await socket.next({ content: "Hello" });
  await expect.poll(() => statusesOf(ann, message), { timeout: 5000 }).toMatchObject([{ ...delivered, ...unread }]);
  const group = await newGroup(ann, bob);
  await sql`update chat.rooms set member_count = 51 where id = ${group}`;
  const bobs = await openChat(bob, group);
  const [other] = await send(ann, group, "Hello all");
  await bobs.next({ text: "Hello all" });
  const count = async () => (await ann.api.get(`/api/messages/${other.id}/`)).body.delivered_count;
  await expect.poll(count, { timeout: 5000 }).toBe(1);
  expect(await movements(group, bob)).toEqual([]);
});
