import { beforeAll, expect, test } from "vitest";
import { type Client, client } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { SESSIONS } from "./chat-sessions/asker.ts";
import { newGroup, newPerson, type Person } from "./people.ts";

// One user in all APIs: a repeated key returns the first response for the same content, and 409 for other content.
let ann: Person, bob: Person, room: number, session: string, supabase: Client;
const through = (api: string) => new Caller(ann.access, api);

beforeAll(async () => {
  [ann, bob] = await Promise.all([newPerson("ann"), newPerson("bob")]);
  room = await newGroup(ann, bob);
  session = (await through("chat-sessions").post(SESSIONS, {})).body.id;
  supabase = client();
  await supabase.auth.setSession({ access_token: ann.access, refresh_token: ann.refresh });
});

/** What is created with a key, with two different contents. */
const writes: [title: string, api: string, path: () => string, body: () => object, other: object][] = [
  ["messenger messages", "messenger", () => "/api/messages/", () => ({ chat: room, text: "One" }), { text: "Two" }],
  ["messenger replies", "messenger", () => "/api/messages/", () => ({ chat: room, text: "One" }), { text: "one" }],
  ["messenger groups", "messenger", () => "/api/chats/", () => ({ type: "group", name: "Tea", members: [bob.id] }), {
    name: "Coffee",
  }],
  [
    "messenger groups of others",
    "messenger",
    () => "/api/chats/",
    () => ({ type: "group", name: "Tea", members: [bob.id] }),
    {
      members: [],
    },
  ],
  ["mini-chat messages", "mini-chat", () => "/api/chat/messages/", () => ({ room, content: "One" }), {
    content: "Two",
  }],
  ["mini-chat rooms", "mini-chat", () => "/api/chat/rooms/", () => ({ name: "Tea" }), { description: "x" }],
  ["social posts", "social", () => "/profiles/api/posts/", () => ({ title: "A", content: "B" }), { content: "C" }],
  [
    "chat-sessions chats",
    "chat-sessions",
    () => `/api/v1/chat/sessions/${session}/chats/`,
    () => ({ message: "One" }),
    {
      message: "Two",
    },
  ],
  ["conversations messages", "conversations", () => `/api/chat/conversations/${session}/messages/`, () => ({
    role: "user",
    content: "One",
  }), { role: "tool" }],
];

test.each(writes)("%s", async (_title, api, path, body, other) => {
  const caller = through(api);
  for (const key of [{ client_id: crypto.randomUUID() }, undefined]) {
    const header = key ? undefined : { "Idempotency-Key": `key ${crypto.randomUUID()}` };
    const post = (more: object = {}) => caller.post(path(), { ...body(), ...key, ...more }, header);
    const [first, second, refused, third] = [await post(), await post(), await post(other), await post()];
    expect([first.status, second.status, refused.status, third.status]).toEqual([201, 200, 409, 200]);
    expect(refused.body).toMatchObject({ code: "client_id_reused" });
    expect([second.body.id, third.body.id]).toEqual([first.body.id, first.body.id]);
  }
});

test("one key in ten parallel requests creates one group and one post", async () => {
  const client_id = crypto.randomUUID();
  const times = <T>(make: () => PromiseLike<T>) => Promise.all(Array.from({ length: 10 }, make));
  const groups = await times(() => supabase.rpc("create_group_room", { name: "Once", client_id }));
  expect(new Set(groups.map(({ data }) => data?.id)).size).toBe(1);
  const posts = await times(() =>
    through("social").post("/profiles/api/posts/", { title: "A", content: "B", client_id })
  );
  expect(posts.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
  expect(new Set(posts.map(({ body }) => body.id)).size).toBe(1);
});

test("bulk inserts into rooms in opposite orders end, or ask to retry", async () => {
  // Groups created at the same time are numbered in any order.
  const rooms = (await Promise.all(Array.from({ length: 4 }, () => newGroup(ann, bob)))).sort((one, two) => one - two);
  const other = client();
  await other.auth.setSession({ access_token: bob.access, refresh_token: bob.refresh });
  const insert = (by: Client, order: number[]) =>
    by.from("messages").insert(order.flatMap((room_id) => [{ room_id, content: "x" }, { room_id, content: "y" }]));
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => [insert(supabase, rooms), insert(other, rooms.toReversed())]).flat(),
  );
  for (const { status, error } of answers) {
    expect([status, error?.message]).toBeOneOf([[201, undefined], [503, "try_again"]]);
  }
  expect(answers.filter((_, index) => index % 2 === 0).map(({ status }) => status)).toEqual(Array(10).fill(201));
});

test("a statement with too many rows is refused by name", async () => {
  const rows = Array.from({ length: 2_501 }, (_, n) => ({ room_id: room, content: `${n}` }));
  const { status, error } = await supabase.from("messages").insert(rows);
  expect([status, error?.message]).toEqual([400, "too_many_rows"]);
});
