import { expect, test } from "vitest";
import { newGroup, newPerson, newPrivate, send, threePeople } from "../people.ts";

const TIMES = 20;
const inParallel = <T>(work: (turn: number) => Promise<T>) =>
  Promise.all(Array.from({ length: TIMES }, (_, turn) => work(turn)));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const ascending = (numbers: number[]) => numbers.toSorted((one, other) => one - other);

test("20 parallel sends to one chat get the seqs 1 to 20", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const answers = await inParallel((turn) =>
    (turn % 2 ? ann : bob).api.post("/api/messages/", { chat, text: `Message ${turn}` })
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(TIMES).fill(201));
  expect(ascending(answers.map(({ body }) => body.seq))).toEqual(upTo(TIMES));
  const { body } = await ann.api.get(`/api/messages/?chat=${chat}`);
  expect(body.map((message: { seq: number }) => message.seq)).toEqual(upTo(TIMES));
  expect(new Set(body.map((message: { version: number }) => message.version)).size).toBe(TIMES);
});

test.each([
  ["client_id in the body", { client_id: crypto.randomUUID() }, {}],
  ["uuid in Idempotency-Key", {}, { "Idempotency-Key": crypto.randomUUID() }],
  ["text in Idempotency-Key", {}, { "Idempotency-Key": `order no. ${crypto.randomUUID()}` }],
])("the same %s sent 20 times in parallel creates one message", async (_, fields, headers) => {
  const ann = await newPerson("ann");
  const chat = await newGroup(ann);
  const answers = await inParallel(() => ann.api.post("/api/messages/", { chat, text: "Once", ...fields }, headers));
  expect(ascending(answers.map(({ status }) => status))).toEqual([...Array(TIMES - 1).fill(200), 201]);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const [next] = await send(ann, chat, "Next");
  expect(next.seq).toBe(2);
});

test("POST /api/messages/ → 409 when its sender used the client_id in another chat", async () => {
  const { ann, bob } = await threePeople();
  const [chat, other] = [await newPrivate(ann, bob), await newGroup(ann, bob)];
  const headers = { "Idempotency-Key": "one" };
  const first = await ann.api.post("/api/messages/", { chat, text: "Ann" }, headers);
  const second = await bob.api.post("/api/messages/", { chat, text: "Bob" }, headers);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(first.body.client_id).not.toBe(second.body.client_id);
  const reused = await ann.api.post("/api/messages/", { chat: other, text: "Ann" }, headers);
  expect([reused.status, reused.body.code]).toEqual([409, "client_id_reused"]);
});

test("read marks set in parallel only move forward", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const messages = await send(ann, chat, ...upTo(TIMES).map(String));
  await inParallel((turn) => bob.api.post(`/api/chats/${chat}/read/`, { last_read_message_id: messages[turn].id }));
  expect((await bob.api.get(`/api/chats/${chat}/`)).body.unread_count).toBe(0);
});
