import { beforeAll, describe, expect, test } from "vitest";
import { Caller } from "../caller.ts";
import { ask, type Asker, newAsker, newSession, SESSIONS } from "./asker.ts";

let ann: Asker, session: string;
beforeAll(async () => {
  ann = await newAsker("ann");
  session = await newSession(ann);
});

describe("POST …/chats/", () => {
  test.each([
    [{}, { message: ["This field is required."] }],
    [{ message: "" }, { message: ["This field may not be blank."] }],
    [{ message: " \n\t" }, { message: ["This field may not be blank."] }],
    [{ message: null }, { message: ["This field may not be null."] }],
    [{ message: ["Hello"] }, { message: ["Not a valid string."] }],
    [{ message: "a\0b" }, { message: ["Null characters are not allowed."] }],
    [{ message: "\ud83d" }, { message: ["Surrogate characters are not allowed."] }],
    [{ message: "a".repeat(100_001) }, { message: ["Ensure this field has no more than 100000 characters."] }],
    [{ message: "Hello", client_id: "no uuid" }, { client_id: ["Must be a valid UUID."] }],
  ])("%.60j → 400", async (body, errors) => {
    const { body: { count } } = await ann.api.get(`${session}chats/`);
    const answer = await ann.api.post(`${session}chats/`, body);
    expect([answer.status, answer.body]).toEqual([400, errors]);
    expect((await ann.api.get(`${session}chats/`)).body.count).toBe(count);
  });

  test("→ 201, storing 100,000 characters of two UTF-16 units each", async () => {
    const [chat] = await ask(ann, session, "🍵".repeat(100_000));
    expect((await ann.api.get(`${session}chats/${chat.id}/`)).body).toEqual(chat);
    expect(chat.message).toBe("🍵".repeat(100_000));
  });
});

describe("a repeated POST …/chats/", () => {
  const send = (body: object, headers?: Record<string, string>) => ann.api.post(`${session}chats/`, body, headers);
  const count = async () => (await ann.api.get(`${session}chats/`)).body.count;

  test("with the same client_id, or Idempotency-Key of any text → 200 with the first chat", async () => {
    const uuid = crypto.randomUUID();
    const before = await count();
    const first = await send({ message: "Once", client_id: uuid });
    const second = await send({ message: "Once", client_id: uuid });
    const third = await send({ message: "Once" }, { "Idempotency-Key": uuid });
    expect([first.status, second.status, third.status]).toEqual([201, 200, 200]);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    const named = [await send({ message: "Twice" }, { "Idempotency-Key": "a key" })];
    named.push(await send({ message: "Twice" }, { "Idempotency-Key": "a key" }));
    expect([named[0]!.status, named[1]!.status, named[1]!.body]).toEqual([201, 200, named[0]!.body]);
    expect(await count()).toBe(before + 2);
  });

  test("many times in parallel creates one chat with one reply", async () => {
    const before = await count();
    const body = { message: "At once", client_id: crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });
});

describe("POST …/regenerate/", () => {
  test("→ 200, adding a reply but no chat", async () => {
    const path = await newSession(ann);
    const [chat] = await ask(ann, path, "Hello");
    const { status, body } = await ann.api.call("POST", `${path}chats/${chat.id}/regenerate/`);
    expect([status, body]).toEqual([200, chat]);
    expect((await ann.api.get(path)).body.chats).toEqual([chat]);
    const log = `/api/chat/conversations/${path.slice(SESSIONS.length)}messages/`;
    const messages = (await new Caller(ann.access, "conversations").get(log)).body;
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(["user", "assistant", "assistant"]);
  });

  test.each(["987654321", "0", "99999999999999999999", "x", "-1"])("every route of chat %s → 404", async (id) => {
    for (const [method, path] of [["POST", `${id}/regenerate/`], ["GET", `${id}/`]] as const) {
      const { status, body } = await ann.api.call(method, `${session}chats/${path}`);
      expect([status, body.detail]).toEqual([404, "Not found."]);
    }
  });

  test("…/chats/{id}/ → 404 to the id of a reply, and in another session", async () => {
    const [chat] = await ask(ann, session, "Hello");
    const other = await newSession(ann);
    for (const path of [`${session}chats/${chat.id + 1}/`, `${other}chats/${chat.id}/`]) {
      expect((await ann.api.get(path)).status).toBe(404);
      expect((await ann.api.call("POST", `${path}regenerate/`)).status).toBe(404);
    }
  });
});

test("an assistant message after the question is its reply, even when a client of conversations does not say so", async () => {
  const path = await newSession(ann);
  const talks = new Caller(ann.access, "conversations");
  const say = async (role: string, content: string, reply_to?: number) => {
    const message = { role, content, metadata: { said: content }, reply_to };
    return (await talks.post(`/api/chat/conversations/${path.split("/").at(-2)}/messages/`, message)).body.id;
  };
  await say("assistant", "A greeting");
  const first = await say("user", "Tea?");
  await say("tool", "looks");
  await say("assistant", "Green");
  await say("assistant", "Or black");
  await say("user", "Coffee?");
  await say("user", "Water?");
  await say("assistant", "White", first);
  await say("assistant", "Cold");
  const { body: { results } } = await ann.api.get(`${path}chats/`);
  expect(results).toMatchObject([
    { message: "Tea?", response: "White", metadata: { said: "White" } },
    { message: "Coffee?", response: null, metadata: {} },
    { message: "Water?", response: "Cold", metadata: { said: "Cold" } },
  ]);
});
