import { beforeAll, expect, test } from "vitest";
import { holder, newConversation, newWriter, registration, visitor, type Writer } from "./writer.ts";

let ann: Writer;
beforeAll(async () => {
  ann = await newWriter("ann");
});

const text = expect.any(String);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

test("POST registration: { email, first_name, last_name, password1, password2 }", async () => {
  const given = registration("bob");
  const { status, body } = await visitor.post("/api/auth/registration/", given);
  const user = { pk: expect.any(Number), email: given.email, first_name: "Ann", last_name: "Lee" };
  expect([status, body]).toEqual([201, { access: text, refresh: text, user }]);
});

test("POST login: { email, password }", async () => {
  const { email, password, pk } = ann;
  const { status, body } = await visitor.post("/api/auth/login/", { email, password });
  const user = { pk, email, first_name: "Ann", last_name: "Lee" };
  expect([status, body]).toEqual([200, { access: text, refresh: text, user }]);
});

test("GET user", async () => {
  const { status, body } = await ann.api.get("/api/auth/user/");
  expect([status, body]).toEqual([200, { pk: ann.pk, email: ann.email, first_name: "Ann", last_name: "Lee" }]);
});

test("POST token/refresh: { refresh }", async () => {
  const { refresh } = await newWriter("cat");
  const { status, body } = await visitor.post("/api/auth/token/refresh/", { refresh });
  expect([status, body]).toEqual([200, { access: text, refresh: text }]);
  expect(body.refresh).not.toBe(refresh);
  expect((await holder(body.access).get("/api/auth/user/")).status).toBe(200);
});

test("POST logout, without a body", async () => {
  const { api, refresh } = await newWriter("cat");
  const { status, body } = await api.call("POST", "/api/auth/logout/");
  expect([status, body]).toEqual([200, { detail: text }]);
  expect((await visitor.post("/api/auth/token/refresh/", { refresh })).status).toBe(401);
});

test("PATCH update-profile: { first_name, last_name }", async () => {
  const { api, pk, email } = await newWriter("cat");
  const { status, body } = await api.patch("/api/auth/update-profile/", { first_name: "Cat", last_name: "Poe" });
  const profile = { id: pk, email, first_name: "Cat", last_name: "Poe", name: "Cat Poe", date_joined: time };
  expect([status, body]).toEqual([200, profile]);
});

test("POST change-password: { old_password, new_password }", async () => {
  const { api, password } = await newWriter("cat");
  const passwords = { old_password: password, new_password: crypto.randomUUID() };
  const { status, body } = await api.post("/api/auth/change-password/", passwords);
  expect([status, body]).toEqual([200, { message: "Password updated successfully" }]);
});

const shape = { id: uuid, archived: false, created_at: time, updated_at: time };

test("POST conversations: { title }, or nothing", async () => {
  const titled = await ann.api.post("/api/chat/conversations/", { title: "About tea" });
  expect([titled.status, titled.body]).toEqual([201, { ...shape, title: "About tea" }]);
  const untitled = await ann.api.call("POST", "/api/chat/conversations/");
  expect([untitled.status, untitled.body]).toEqual([201, { ...shape, title: "New Chat" }]);
});

test("GET conversations: an array", async () => {
  const bob = await newWriter("bob");
  const id = await newConversation(bob, "About tea");
  const { status, body } = await bob.api.get("/api/chat/conversations/");
  expect([status, body]).toEqual([200, [{ ...shape, id, title: "About tea" }]]);
});

test("GET, PATCH { title, archived } and DELETE conversations/{id}", async () => {
  const id = await newConversation(ann, "About tea");
  const path = `/api/chat/conversations/${id}/`;
  const read = await ann.api.get(path);
  expect([read.status, read.body]).toEqual([200, { ...shape, id, title: "About tea", messages: [] }]);
  const changed = await ann.api.patch(path, { title: "About coffee", archived: true });
  expect([changed.status, changed.body]).toEqual([200, { ...shape, id, title: "About coffee", archived: true }]);
  const deleted = await ann.api.delete(path);
  expect([deleted.status, deleted.body]).toEqual([204, undefined]);
  expect((await ann.api.get(path)).status).toBe(404);
});

test("POST messages: { role: any text of up to 20 characters, content, metadata }; GET messages and messages/{id}", async () => {
  const bob = await newWriter("bob");
  const id = await newConversation(bob);
  const given = { role: "любая строка до 20 с", content: "Привет", metadata: { model: "m", tokens: [1, 2] } };
  const { status, body } = await bob.api.post(`/api/chat/conversations/${id}/messages/`, given);
  const message = { ...given, id: expect.any(Number), created_at: time };
  expect([status, body]).toEqual([201, expect.objectContaining(message)]);
  expect((await bob.api.get("/api/chat/messages/")).body).toEqual([body]);
  expect((await bob.api.get(`/api/chat/messages/${body.id}/`)).body).toEqual(body);
  expect((await bob.api.get(`/api/chat/conversations/${id}/`)).body.messages).toEqual([body]);
});
