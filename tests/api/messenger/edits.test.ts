import { expect, test } from "vitest";
import { newPrivate, send, threePeople } from "../people.ts";

test("GET /api/messages/{id}/edits/ → what it said before; 404 to a stranger; nothing after a deletion", async () => {
  const { ann, bob, eve } = await threePeople();
  const [message] = await send(ann, await newPrivate(ann, bob), "one");
  const path = `/api/messages/${message.id}/`;
  expect((await bob.api.get(`${path}edits/`)).body).toEqual([]);
  const { body: edited } = await ann.api.patch(path, { text: "two" });
  await ann.api.patch(path, { text: "three" });
  expect(await bob.api.get(`${path}edits/`)).toMatchObject({
    status: 200,
    body: [{ text: "one", written_at: message.created_at }, { text: "two", written_at: edited.edited_at }],
  });
  expect((await eve.api.get(`${path}edits/`)).status).toBe(404);
  await ann.api.delete(path);
  expect((await bob.api.get(`${path}edits/`)).body).toEqual([]);
});
