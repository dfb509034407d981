import { beforeAll, expect, test } from "vitest";
import { newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
});

test("POST /api/messages/{id}/reactions/ → 201, 200 when repeated; every list of messages counts them", async () => {
  const [message] = await send(ann, chat, "Tea?");
  expect(message.reactions).toEqual([]);
  const path = `/api/messages/${message.id}/reactions/`;
  const { status, body } = await bob.api.post(path, { emoji: "👍" });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    id: message.id,
    version: message.version,
    is_edited: false,
    reactions: [{ emoji: "👍", count: 1, reacted: true }],
  });
  const again = await bob.api.post(path, { emoji: "👍" });
  expect([again.status, again.body.reactions]).toEqual([200, body.reactions]);
  await ann.api.post(path, { emoji: "👍" });
  await ann.api.post(path, { emoji: "❤" });
  const counted = [{ emoji: "👍", count: 2, reacted: true }, { emoji: "❤️", count: 1, reacted: false }];
  const { body: list } = await bob.api.get(`/api/messages/?chat=${chat}`);
  expect(list).toMatchObject([{ id: message.id, reactions: counted }]);
  expect((await bob.api.get(`/api/messages/${message.id}/`)).body.reactions).toEqual(counted);
});

test("DELETE /api/messages/{id}/reactions/ → 204, also when there is none", async () => {
  const [message] = await send(ann, chat, "Coffee?");
  const path = `/api/messages/${message.id}/reactions/`;
  await bob.api.post(path, { emoji: "👍" });
  for (const _ of [1, 2]) {
    expect((await bob.api.delete(`${path}?emoji=${encodeURIComponent("👍")}`)).status).toBe(204);
  }
  expect((await bob.api.get(`/api/messages/${message.id}/`)).body.reactions).toEqual([]);
});

test("POST /api/messages/{id}/reactions/ → 400 for a word, 404 to a stranger and on a tombstone, 409 for a 21st kind", async () => {
  const [message, gone] = await send(ann, chat, "Cake?", "Gone");
  const path = `/api/messages/${message.id}/reactions/`;
  expect(await ann.api.post(path, { emoji: "ok" })).toMatchObject({
    status: 400,
    body: { emoji: [expect.any(String)] },
  });
  expect((await eve.api.post(path, { emoji: "👍" })).status).toBe(404);
  expect((await eve.api.delete(`${path}?emoji=${encodeURIComponent("👍")}`)).status).toBe(404);
  await ann.api.delete(`/api/messages/${gone.id}/`);
  expect((await ann.api.post(`/api/messages/${gone.id}/reactions/`, { emoji: "👍" })).status).toBe(404);
  for (const emoji of "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓") await ann.api.post(path, { emoji });
  expect(await ann.api.post(path, { emoji: "😔" })).toMatchObject({ status: 409, body: { code: "too_many_kinds" } });
});
