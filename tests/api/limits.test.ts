import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "postgres";
import { LIMITS } from "../../functions/_shared/base/limits.ts";
import { openChat } from "../relay/socket.ts";
import { database } from "../support/clients.ts";
import { uniqueName } from "../support/users.ts";
import { Caller } from "./caller.ts";
import { newGroup, newPerson, newPrivate, type Person } from "./people.ts";

let sql: Sql;
let ann: Person;
let chat: number, conversation: string, session: string, room: string;

beforeAll(async () => {
  sql = database();
  ann = await newPerson("ann");
  const bob = await newPerson("bob");
  chat = await newGroup(ann);
  await newPrivate(ann, bob);
  const on = (api: string) => new Caller(ann.access, api);
  room = (await on("social").get("/messenger/api/chatrooms/")).body.at(-1).name;
  conversation = (await on("conversations").post("/api/chat/conversations/", {})).body.id;
  session = (await on("chat-sessions").post("/api/v1/chat/sessions/", {})).body.id;
});
afterAll(() => sql.end());

test.each(Object.entries(LIMITS))("the check of %s allows %i characters", async (name, most) => {
  const [table, column] = name.split(".") as [string, string];
  const checks = await sql<{ check: string }[]>`
    select pg_get_constraintdef(checks.oid) || case when pg_get_constraintdef(checks.oid) like '%is_username(%' then
      pg_get_functiondef('chat_private.is_username'::regproc) else '' end as check
    from pg_constraint as checks
    join pg_attribute as columns on columns.attrelid = checks.conrelid and columns.attnum = any (checks.conkey)
    where checks.contype = 'c' and checks.conrelid = ${`chat.${table}`}::regclass and columns.attname = ${column}
    union all
    select pg_get_functiondef('chat_private.room_checking'::regproc) where ${table} = 'rooms'`;
  const bounds = checks.flatMap(({ check }) =>
    [
      ...check.matchAll(new RegExp(`char_length\\((?:new\\.)?${column}\\) <= (\\d+)|\\{1,(\\d+)\\}`, "g")),
    ].map(([, length, repeats]) => Number(length ?? repeats))
  );
  expect(bounds).toEqual([most]);
});

type Case = [api: string, method: string, path: () => string, field: string, most: number, others?: object];

const password = "a long secret";
const cases: Case[] = [
  ["messenger", "POST", () => "/api/messages/", "text", 10_000, {
    get chat() {
      return chat;
    },
  }],
  ["messenger", "POST", () => "/api/chats/", "name", 255, { type: "group", members: [] }],
  ["messenger", "POST", () => "/api/chats/", "description", 2000, { type: "group", members: [], name: "x" }],
  ["messenger", "PUT", () => `/api/chats/${chat}/`, "name", 255],
  ["mini-chat", "POST", () => "/api/chat/messages/", "content", 10_000, {
    get room() {
      return chat;
    },
  }],
  ["mini-chat", "POST", () => "/api/chat/rooms/", "name", 255],
  ["mini-chat", "PATCH", () => `/api/chat/rooms/${chat}/`, "description", 2000],
  ["mini-chat", "PATCH", () => "/api/auth/profile/", "first_name", 150],
  ["social", "POST", () => `/messenger/api/chatrooms/${room}/messages/`, "content", 10_000],
  ["social", "POST", () => "/profiles/api/posts/", "title", 255, { content: "x" }],
  ["social", "POST", () => "/profiles/api/posts/", "content", 10_000, { title: "x" }],
  ["social", "PATCH", () => "/profiles/api/profile/", "bio", 2000],
  ["social", "PATCH", () => "/profiles/api/profile/", "last_name", 150],
  ["conversations", "POST", () => "/api/chat/conversations/", "title", 255],
  ["conversations", "PATCH", () => `/api/chat/conversations/${conversation}/`, "title", 255],
  ["conversations", "POST", () => `/api/chat/conversations/${conversation}/messages/`, "content", 100_000, {
    role: "user",
  }],
  ["conversations", "POST", () => `/api/chat/conversations/${conversation}/messages/`, "role", 20, { content: "x" }],
  ["conversations", "PATCH", () => "/api/auth/update-profile/", "first_name", 150],
  ["chat-sessions", "POST", () => "/api/v1/chat/sessions/", "title", 255],
  ["chat-sessions", "PATCH", () => `/api/v1/chat/sessions/${session}/`, "title", 255],
  ["chat-sessions", "POST", () => `/api/v1/chat/sessions/${session}/chats/`, "message", 100_000],
];

// One character, but two units of UTF-16.
const SMILE = "😀";

describe.each(cases)("%s: %s %s", (api, method, path, field, most, others) => {
  test(`accepts ${most} characters in ${field}, and names the limit beyond`, async () => {
    const send = (value: string) =>
      new Caller(ann.access, api).call(method, path(), { ...others && { ...others }, [field]: value });
    const longest = SMILE.repeat(most);
    const taken = await send(longest);
    expect(taken.status).toBeLessThan(300);
    if (field in taken.body) expect(taken.body[field] === longest).toBe(true);
    const { status, body } = await send(`${longest}x`);
    expect([status, body]).toEqual([400, { [field]: [`Ensure this field has no more than ${most} characters.`] }]);
  });
});

test("every registration accepts a username of 150 characters", async () => {
  const longest = uniqueName("n".repeat(141));
  expect(longest.length).toBe(150);
  const register = (username: string) => new Caller().post("/api/auth/register/", { username, password });
  expect((await register(longest)).body.user.username).toBe(longest);
  expect((await register(`${longest}x`)).body).toEqual({
    username: ["Ensure this field has no more than 150 characters."],
  });
});

test("the URL of an avatar may have 2,048 characters", async () => {
  const url = (length: number) => `https://example.com/${"x".repeat(length - 20)}`;
  for (
    const [api, path, field] of [
      ["social", "/profiles/api/profile/", "image"],
      ["mini-chat", "/api/auth/profile/", "avatar"],
    ] as const
  ) {
    const change = (length: number) => new Caller(ann.access, api).patch(path, { [field]: url(length) });
    expect((await change(2048)).status).toBe(200);
    expect((await change(2049)).body).toEqual({ [field]: ["Ensure this field has no more than 2048 characters."] });
  }
});

test("a socket names the maximum length of a message", async () => {
  const socket = await openChat(ann, chat);
  socket.send({ type: "message", text: SMILE.repeat(10_000) });
  await socket.next({ type: "message" });
  socket.send({ type: "message", text: SMILE.repeat(10_001) });
  const { code, detail } = await socket.next({ type: "error" });
  expect([code, detail]).toEqual(["invalid", "text: Ensure this field has no more than 10000 characters."]);
  await socket.close();
});

test("metadata that is too large is refused by name", async () => {
  const path = `/api/chat/conversations/${conversation}/messages/`;
  const body = { role: "user", content: "x", metadata: { x: "x".repeat(16_384) } };
  const answer = await new Caller(ann.access, "conversations").post(path, body);
  expect([answer.status, answer.body]).toEqual([400, {
    metadata: ["Ensure this field has no more than 16384 bytes of JSON."],
  }]);
});
