import { expect, test } from "vitest";
import { newPrivate, send, threePeople } from "../people.ts";

test("GET /api/chats/{id}/sync/ → every change since a version, in order and in pages", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const { version } = (await ann.api.get(`/api/chats/${chat}/`)).body;
  const [one, two, three] = await send(ann, chat, "One", "Two", "Three");
  await ann.api.put(`/api/messages/${one.id}/`, { text: "First" });
  await ann.api.delete(`/api/messages/${two.id}/`);
  await bob.api.post("/api/pinned/", { chat, message: three.id });
  await bob.api.post(`/api/chats/${chat}/read/`, {});

  const changes = [];
  let since = version;
  for (let hasMore = true; hasMore;) {
    const { status, body } = await ann.api.get(`/api/chats/${chat}/sync/?since=${since}&limit=2`);
    expect(status).toBe(200);
    changes.push(...body.changes);
    [since, hasMore] = [body.version, body.has_more];
  }
  expect(changes.map((change) => [change.event, change.message?.content])).toEqual([
    ["message.created", "Three"],
    ["message.updated", "First"],
    ["message.deleted", ""],
    ["message.pinned", undefined],
  ]);
  const { body } = await ann.api.get(`/api/chats/${chat}/sync/?since=${since}`);
  expect(body).toMatchObject({ changes: [], has_more: false, last_seq: 3 });
  expect(body.read_marks.map((mark: { last_read_seq: number }) => mark.last_read_seq)).toEqual([3, 3]);
});
