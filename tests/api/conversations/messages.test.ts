import { beforeAll, describe, expect, test } from "vitest";
import { newConversation, newWriter, say, type Writer } from "./writer.ts";

let ann: Writer, conversation: string;
beforeAll(async () => {
  ann = await newWriter("ann");
  conversation = await newConversation(ann);
});

const add = (body: unknown, headers?: Record<string, string>) =>
  ann.api.post(`/api/chat/conversations/${conversation}/messages/`, body, headers);
const hello = { role: "user", content: "Hello" };

describe("a role", () => {
  test.each(["user", "assistant", "system", "tool", "x", "двадцать букв роль ж", "💥".repeat(20)])(
    "may be %s",
    async (role) => {
      const { status, body } = await add({ ...hello, role });
      expect([status, body.role]).toEqual([201, role]);
    },
  );

  test.each(["", "x".repeat(21), "ж".repeat(21), "a\0", null, 5, undefined])("may not be %j", async (role) => {
    const { status, body } = await add({ ...hello, role });
    expect([status, body]).toEqual([400, { role: [expect.any(String)] }]);
  });
});

describe("content", () => {
  test("is stored as sent", async () => {
    for (const content of ["  spaces\n\n", "'; drop table x; --", "💥 ünïcödé", "ж".repeat(100_000)]) {
      expect((await add({ ...hello, content })).body.content).toBe(content);
    }
  });

  test.each(["", " \n", "\u200b"])("may not be blank: %j", async (content) => {
    const { status, body } = await add({ ...hello, content });
    expect([status, body]).toEqual([400, { content: ["This field may not be blank."] }]);
  });

  test.each([undefined, null, 5, "a\0", "\ud800", "ж".repeat(100_001)])("may not be %.10s", async (content) => {
    const { status, body } = await add({ ...hello, content });
    expect([status, body]).toEqual([400, { content: [expect.any(String)] }]);
  });
});

describe("metadata", () => {
  const nested = (depth: number): unknown => depth > 0 ? { a: nested(depth - 1) } : {};

  test.each([
    {},
    { model: "m", tokens: 5, nothing: null, list: [1, [2]] },
    { text: "\\u0000 and \\ud800 as text" },
    nested(90) as Record<string, unknown>,
  ])("%#: is stored as sent", async (metadata) => {
    const { status, body } = await add({ ...hello, metadata });
    expect([status, body.metadata]).toEqual([201, metadata]);
  });

  test("is empty when left out, or null", async () => {
    expect([(await add(hello)).body.metadata, (await add({ ...hello, metadata: null })).body.metadata]).toEqual([
      {},
      {},
    ]);
  });

  test.each([
    [[]],
    ["text"],
    [5],
    [{ a: "\0" }],
    [{ "\0": 1 }],
    [{ a: ["\ud800"] }],
    [{ a: "x".repeat(20_000) }],
    [nested(200)],
  ])("%#: → 400 when it is not an object, or cannot be stored", async (metadata) => {
    const { status, body } = await add({ ...hello, metadata });
    expect([status, body]).toEqual([400, { metadata: [expect.any(String)] }]);
  });

  test("→ 400 when it is as deep as a body can be", async () => {
    const depth = 200_000;
    const metadata = "[".repeat(depth) + "]".repeat(depth);
    const { status, body } = await add(`{"role":"user","content":"x","metadata":{"a":${metadata}}}`);
    expect([status, body]).toEqual([400, { metadata: [expect.any(String)] }]);
  });
});

describe("a repeated POST", () => {
  const count = async () => (await ann.api.get(`/api/chat/conversations/${conversation}/messages/`)).body.length;

  test("with the same client_id → 200 with the first message", async () => {
    const before = await count();
    const client_id = crypto.randomUUID();
    const first = await add({ ...hello, client_id });
    const second = await add({ ...hello, client_id });
    expect([first.status, second.status, second.body]).toEqual([201, 200, first.body]);
    const other = await add({ ...hello, content: "Other", client_id });
    expect([other.status, other.body.code]).toEqual([409, "client_id_reused"]);
    expect([first.body.client_id, await count()]).toEqual([client_id, before + 1]);
  });

  test.each([{ content: "Other" }, { role: "system" }, { metadata: { mood: "good" } }])(
    "with the same client_id, but %j → 409",
    async (other) => {
      const client_id = crypto.randomUUID();
      await add({ ...hello, client_id });
      const before = await count();
      const { status, body } = await add({ ...hello, ...other, client_id });
      expect([status, body]).toEqual([409, { detail: expect.any(String), code: "client_id_reused" }]);
      expect(await count()).toBe(before);
    },
  );

  test("with the same Idempotency-Key, any text → 200 with the first message", async () => {
    const before = await count();
    const headers = { "Idempotency-Key": `order ${crypto.randomUUID()}` };
    const [first, second] = [await add(hello, headers), await add(hello, headers)];
    expect([first.status, second.status, second.body.id]).toEqual([201, 200, first.body.id]);
    expect(await count()).toBe(before + 1);
  });

  test("in parallel creates one message", async () => {
    const before = await count();
    const client_id = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => add({ ...hello, client_id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
    expect([new Set(answers.map(({ body }) => body.id)).size, await count()]).toEqual([1, before + 1]);
  });

  test("into another conversation creates another message", async () => {
    const client_id = crypto.randomUUID();
    const other = await newConversation(ann);
    const first = await add({ ...hello, client_id });
    const second = await ann.api.post(`/api/chat/conversations/${other}/messages/`, { ...hello, client_id });
    expect([second.status, second.body.id === first.body.id]).toEqual([201, false]);
  });

  test("with a client_id that is not a UUID → 400", async () => {
    const { status, body } = await add({ ...hello, client_id: "1" });
    expect([status, body]).toEqual([400, { client_id: ["Must be a valid UUID."] }]);
  });
});

describe("an answer", () => {
  test("names the message that it answers", async () => {
    const question = (await add(hello)).body;
    const { status, body } = await add({ role: "assistant", content: "Hi", reply_to: question.id });
    expect([status, body.reply_to]).toEqual([201, question.id]);
  });

  test("→ 404 when that message is of another conversation, or unknown", async () => {
    const [elsewhere] = await say(ann, await newConversation(ann), "Hello");
    for (const reply_to of [elsewhere.id, 987654321]) {
      const { status, body } = await add({ ...hello, reply_to });
      expect([status, body]).toEqual([404, { detail: "Not found.", code: "message_not_found" }]);
    }
  });
});

test("messages that many requests add at once are all stored, in the order of their ids", async () => {
  const id = await newConversation(ann);
  const path = `/api/chat/conversations/${id}/messages/`;
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => ann.api.post(path, { ...hello, content: `${n}` })),
  );
  const ids = answers.map(({ body }) => body.id).sort((one, other) => one - other);
  const { body } = await ann.api.get(`/api/chat/conversations/${id}/`);
  expect(body.messages.map((message: { id: number }) => message.id)).toEqual(ids);
});
