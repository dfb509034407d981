import { beforeAll, expect, test } from "vitest";
import { type Asker, holder, newAsker, newSession, registration, SESSIONS, visitor } from "./asker.ts";

let ann: Asker;
beforeAll(async () => {
  ann = await newAsker("ann");
});

const text = expect.any(String);
const number = expect.any(Number);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const names = { first_name: "", last_name: "" };

test("1. Register", async () => {
  const given = registration("bob");
  const email = `${given.username}@example.com`;
  const { status, body } = await visitor.post("/api/v1/auth/register/", { ...given, email });
  const user = { id: number, username: given.username, email, ...names };
  const message = "User registered successfully";
  expect([status, body]).toEqual([201, { user, refresh: text, access: text, message }]);
});

test("2. Login", async () => {
  const { username, password, id } = ann;
  const { status, body } = await visitor.post("/api/v1/auth/login/", { username, password });
  const user = { id, username, email: "", ...names };
  expect([status, body]).toEqual([200, { user, refresh: text, access: text, message: "Login successful" }]);
});

test("3. Logout", async () => {
  const { api, refresh } = await newAsker("cat");
  const { status, body } = await api.post("/api/v1/auth/logout/", { refresh });
  expect([status, body]).toEqual([200, { message: "Logout successful" }]);
  expect((await visitor.post("/api/v1/auth/token/refresh/", { refresh })).status).toBe(401);
});

test("4. User Profile", async () => {
  const { status, body } = await ann.api.get("/api/v1/auth/profile/");
  expect([status, body]).toEqual([200, { id: ann.id, username: ann.username, email: "", ...names }]);
});

test("5. Token Refresh", async () => {
  const { refresh, id } = await newAsker("cat");
  const { status, body } = await visitor.post("/api/v1/auth/token/refresh/", { refresh });
  expect([status, body]).toEqual([200, { access: text, refresh: text }]);
  expect((await holder(body.access).get("/api/v1/auth/profile/")).body.id).toBe(id);
});

const empty = { id: uuid, created_at: time, chats: [], has_more_chats: false, last_message: null };

test("List Chat Sessions", async () => {
  const bob = await newAsker("bob");
  const nothing = await bob.api.get(SESSIONS);
  expect([nothing.status, nothing.body]).toEqual([200, { count: 0, next: null, previous: null, results: [] }]);
  await newSession(bob, "Chat Session");
  const { body } = await bob.api.get(SESSIONS);
  const results = [{ ...empty, title: "Chat Session" }];
  expect(body).toEqual({ count: 1, next: null, previous: null, results });
});

test("Create Chat Session, with a title or without", async () => {
  const titled = await ann.api.post(SESSIONS, { title: "New Chat Session" });
  expect([titled.status, titled.body]).toEqual([201, { ...empty, title: "New Chat Session" }]);
  for (const body of [undefined, {}, { title: null }]) {
    const untitled = await ann.api.call("POST", SESSIONS, body);
    expect([untitled.status, untitled.body]).toEqual([201, { ...empty, title: "New Chat" }]);
  }
});

test("Get Specific Session, with its chats and the last of them", async () => {
  const path = await newSession(ann, "Chat Session");
  const { body: first } = await ann.api.post(`${path}chats/`, { message: "Hello" });
  const { body: second } = await ann.api.post(`${path}chats/`, { message: "Bye" });
  const { status, body } = await ann.api.get(path);
  const { message, response, created_at } = second;
  const last_message = { message, response, created_at };
  const session = { ...empty, title: "Chat Session", chats: [first, second], last_message };
  expect([status, body]).toEqual([200, session]);
  expect((await ann.api.get(SESSIONS)).body.results[0]).toEqual(body);
});

test("List Chats in Session, Create Chat in Session, Get Specific Chat", async () => {
  const path = `${await newSession(ann)}chats/`;
  const { status, body: chat } = await ann.api.post(path, { message: "Hello, how are you?" });
  const metadata = { responder: "offline" };
  const shape = { id: number, message: "Hello, how are you?", response: text, created_at: time, metadata };
  expect([status, chat]).toEqual([201, shape]);
  const list = await ann.api.get(path);
  expect([list.status, list.body]).toEqual([200, { count: 1, next: null, previous: null, results: [chat] }]);
  const one = await ann.api.get(`${path}${chat.id}/`);
  expect([one.status, one.body]).toEqual([200, chat]);
});

test("Error responses, as documented", async () => {
  const unsigned = await visitor.get(SESSIONS);
  expect([unsigned.status, unsigned.body]).toEqual([401, { detail: "Authentication credentials were not provided." }]);
  const missing = await ann.api.get(`${SESSIONS}${crypto.randomUUID()}/`);
  expect([missing.status, missing.body]).toMatchObject([404, { detail: "Not found." }]);
  const invalid = await ann.api.post(`${await newSession(ann)}chats/`, {});
  expect([invalid.status, invalid.body]).toEqual([400, { message: ["This field is required."] }]);
});
