import { beforeAll, expect, test } from "vitest";
import { newGroup, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newGroup(ann, bob);
});

const textsOf = (messages: { text: string }[]) => messages.map(({ text }) => text);

test("POST /api/messages/ → 201 with whom it mentions; chats count it until it is read", async () => {
  const { status, body } = await ann.api.post("/api/messages/", { chat, text: `@${bob.username}`, mentions: [bob.id] });
  expect([status, body.mentions, body.mention_all]).toEqual([201, [{ user: bob.id, name: bob.username }], false]);
  await send(ann, chat, "no mention");
  expect((await bob.api.get(`/api/messages/${body.id}/`)).body.mentions).toEqual(body.mentions);
  const { body: list } = await bob.api.get(`/api/messages/?chat=${chat}`);
  expect(list.map(({ mentions }: { mentions: [] }) => mentions.length)).toEqual([1, 0]);
  expect((await bob.api.get(`/api/chats/${chat}/`)).body).toMatchObject({ unread_count: 2, mention_count: 1 });
  expect((await bob.api.get("/api/chats/")).body).toMatchObject([{ id: chat, mention_count: 1 }]);
  expect((await ann.api.get(`/api/chats/${chat}/`)).body.mention_count).toBe(0);
  const { body: marked } = await bob.api.post(`/api/chats/${chat}/read/`, { last_read_message_id: body.id });
  expect(marked).toMatchObject({ unread_count: 1, mention_count: 0 });
});

test("POST /api/chats/{id}/messages/ → 201 with a mention of everyone, also in a form", async () => {
  const path = `/api/chats/${chat}/messages/`;
  const { body } = await ann.api.post(path, { text: "@all here", mention_all: true });
  expect([body.mentions, body.mention_all]).toEqual([[], true]);
  const form = new URLSearchParams({ text: "@all there", mention_all: "true" });
  const { status, body: formed } = await ann.api.post(path, form);
  expect([status, formed.mention_all]).toEqual([201, true]);
  expect((await bob.api.get(`/api/chats/${chat}/`)).body.mention_count).toBe(2);
});

test("POST /api/messages/ → 404 for who is not in the chat, or nobody; 400 for 51 mentions", async () => {
  for (const user of [eve.id, 2_000_000_000]) {
    expect((await ann.api.post("/api/messages/", { chat, text: "no", mentions: [user] })).status).toBe(404);
  }
  const { status, body } = await ann.api.post("/api/messages/", { chat, text: "no", mentions: Array(51).fill(bob.id) });
  expect([status, Object.keys(body)]).toEqual([400, ["mentions"]]);
});

test("PATCH /api/messages/{id}/ → 200 with other mentions, or with those that it had", async () => {
  const [message] = await send(ann, chat, "Whom?");
  const path = `/api/messages/${message.id}/`;
  const named = [{ user: bob.id, name: bob.username }];
  expect((await ann.api.patch(path, { text: "Bob", mentions: [bob.id] })).body.mentions).toEqual(named);
  expect((await ann.api.patch(path, { text: "Bob!" })).body.mentions).toEqual(named);
  expect((await ann.api.patch(path, { text: "Nobody", mentions: [] })).body.mentions).toEqual([]);
  expect((await ann.api.patch(path, { text: "All", mention_all: true })).body.mention_all).toBe(true);
});

test("GET /api/mentions/ → 200 page by page, and search/?mentions_me=true the same", async () => {
  const mine = await newGroup(eve, bob);
  for (const n of [1, 2, 3]) {
    await eve.api.post("/api/messages/", { chat: mine, text: `eve ${n}`, mentions: [bob.id] });
    await send(eve, mine, "other");
  }
  const first = await bob.api.get("/api/mentions/?limit=2");
  expect(textsOf(first.body)).toEqual(["eve 3", "eve 2"]);
  const next = /before=(\d+)/.exec(first.headers.get("Link")!)![1];
  expect(textsOf((await bob.api.get(`/api/mentions/?limit=2&before=${next}`)).body)[0]).toBe("eve 1");
  expect((await eve.api.get("/api/mentions/")).body).toEqual([]);
  const { body } = await bob.api.get(`/api/messages/search/?mentions_me=true&chat=${mine}`);
  expect(textsOf(body)).toEqual(["eve 3", "eve 2", "eve 1"]);
  expect((await bob.api.get("/api/messages/search/?mentions_me=false")).status).toBe(400);
});
