import { beforeAll, expect, inject, test } from "vitest";
import { Caller } from "./caller.ts";
import { newGroup, newPrivate, type Person, send, threePeople } from "./people.ts";

let ann: Person, bob: Person, eve: Person;
let chat: number;
const refusal = { status: 403, body: { detail: expect.any(String), code: "not_reachable" } };

/** Blocks are made with the Data API. */
const call = async (person: Person, name: "block_user" | "unblock_user", other: Person) => {
  const { api_url, publishable_key: apikey } = inject("status");
  const headers = {
    apikey,
    Authorization: `Bearer ${person.access}`,
    "Accept-Profile": "chat",
    "Content-Profile": "chat",
  };
  const found = await fetch(`${api_url}/rest/v1/profiles?select=id&number=eq.${other.id}`, { headers });
  const [{ id: user_id }] = await found.json();
  const { status } = await fetch(`${api_url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ user_id }),
  });
  expect(status).toBe(204);
};

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
  await send(bob, chat, "Before");
  await ann.api.get("/api/users/me/");
  await call(ann, "block_user", bob);
});

test("messenger: who is blocked, and who blocks → 403 not_reachable, also for a new group", async () => {
  for (const [one, other] of [[bob, ann], [ann, bob]] as const) {
    expect(await one.api.post("/api/messages/", { chat, text: "no" })).toMatchObject(refusal);
    expect(await one.api.post("/api/chats/", { type: "private", members: [other.id] })).toMatchObject(refusal);
    const group = { type: "group", name: "No", members: [eve.id, other.id] };
    expect(await one.api.post("/api/chats/", group)).toMatchObject(refusal);
    const own = await newGroup(one, eve);
    expect(await one.api.patch(`/api/chats/${own}/`, { members: [eve.id, other.id] })).toMatchObject(refusal);
    expect((await one.api.get(`/api/messages/?chat=${chat}`)).body).toMatchObject([{ text: "Before" }]);
  }
});

test("mini-chat and social: who is blocked → 403 not_reachable", async () => {
  const mini = new Caller(bob.access, "mini-chat");
  expect(await mini.post("/api/chat/create-direct-chat/", { user_id: ann.id })).toMatchObject(refusal);
  expect(await mini.post("/api/chat/messages/", { room: chat, content: "no" })).toMatchObject(refusal);
  const social = new Caller(bob.access, "social");
  expect(await social.post("/profiles/api/add-friend/", { username: ann.username })).toMatchObject(refusal);
  expect(await social.post("/messenger/api/chatrooms/", { recipient: ann.username })).toMatchObject(refusal);
  const { slug } = (await mini.get(`/api/chat/rooms/${chat}/`)).body;
  const room = slug ?? [ann.username, bob.username].sort().join("_");
  expect(await social.post(`/messenger/api/chatrooms/${room}/messages/`, { content: "no" })).toMatchObject(refusal);
});

test("the status of who blocks is that of nobody who was ever seen, for who is blocked alone", async () => {
  const seen = async (person: Person) => (await person.api.get(`/api/users/${ann.id}/`)).body.is_online;
  expect([await seen(eve), await seen(bob)]).toEqual([true, false]);
  const { body } = await new Caller(bob.access, "mini-chat").get("/api/chat/online-users/");
  expect(JSON.stringify(body)).not.toContain(ann.username);
});

test("an unblocked person is reached again", async () => {
  await call(ann, "unblock_user", bob);
  expect((await bob.api.post("/api/messages/", { chat, text: "Again" })).status).toBe(201);
  await call(ann, "block_user", bob);
});
