import { beforeAll, describe, expect, test } from "vitest";
import { newGroup, newPerson, newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
});

describe("POST /api/messages/", () => {
  test("→ 201 with the message as GET returns it", async () => {
    const { status, body } = await ann.api.post("/api/messages/", { chat, text: "Привет, Bob! 👋" });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(Number),
      chat,
      seq: 1,
      version: expect.any(Number),
      sender: ann.id,
      sender_username: ann.username,
      text: "Привет, Bob! 👋",
      reply_to: null,
      forwarded_from: null,
      forwarded_from_username: null,
      client_id: null,
      is_edited: false,
      edited_at: null,
      is_deleted: false,
      created_at: expect.any(String),
      statuses: [
        { user: bob.id, username: bob.username, delivered: false, read: false, delivered_at: null, read_at: null },
      ],
      delivered_count: 0,
      read_count: 0,
      reactions: [],
      attachments: [],
      mentions: [],
      mention_all: false,
    });
    expect((await bob.api.get(`/api/messages/${body.id}/`)).body).toEqual(body);
    expect((await bob.api.get(`/api/messages/?chat=${chat}`)).body).toEqual([body]);
  });

  test("→ 201 with the chat id as digits; unknown fields are ignored", async () => {
    const { status, body } = await ann.api.post("/api/messages/", {
      chat: `${chat}`,
      text: "Hi",
      sender: bob.id,
      x: [],
    });
    expect([status, body.sender]).toEqual([201, ann.id]);
  });

  test("→ 404 to a stranger, and for an unknown chat", async () => {
    for (const unknown of [chat, 987654321, -1]) {
      const { status, body } = await eve.api.post("/api/messages/", { chat: unknown, text: "Let me in" });
      expect([status, body]).toEqual([404, { detail: "Not found.", code: "room_not_found" }]);
    }
  });

  test.each([
    [{ text: "x" }, { chat: ["This field is required."] }],
    [{ chat: null, text: "x" }, { chat: ["This field may not be null."] }],
    [{ chat: "x", text: "x" }, { chat: ["A valid integer is required."] }],
    [{ chat: [1], text: "x" }, { chat: ["A valid integer is required."] }],
    [{ chat: 1.5, text: "x" }, { chat: ["A valid integer is required."] }],
    [{ chat: 1e30, text: "x" }, { chat: ["A valid integer is required."] }],
    [{ chat: 1 }, { text: ["This field is required."] }],
    [{ chat: 1, text: null }, { text: ["This field may not be null."] }],
    [{ chat: 1, text: 5 }, { text: ["Not a valid string."] }],
    [{ chat: 1, text: "a\0b" }, { text: ["Null characters are not allowed."] }],
    [{ chat: 1, text: "\ud800" }, { text: ["Surrogate characters are not allowed."] }],
    [{ chat: 1, text: "x", client_id: "abc" }, { client_id: ["Must be a valid UUID."] }],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary."] }],
    [null, { non_field_errors: ["Invalid data. Expected a dictionary."] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await ann.api.post("/api/messages/", body);
    expect([status, refusal]).toEqual([400, errors]);
  });

  test.each([["empty", ""], ["blank", " \n\t"], ["too long", "x".repeat(10_001)]])(
    "→ 400 to a text that is %s",
    async (_, text) => {
      const { status, body } = await ann.api.post("/api/messages/", { chat, text });
      expect([status, Object.keys(body)]).toEqual([400, ["text"]]);
    },
  );
});

describe("PUT, DELETE /api/messages/{id}/", () => {
  test("PUT, PATCH → 200 to the sender, marking the message as edited", async () => {
    const [message] = await send(ann, chat, "Frist");
    for (const edit of [ann.api.put, ann.api.patch]) {
      const text = `First ${crypto.randomUUID()}`;
      const { status, body } = await edit(`/api/messages/${message.id}/`, { text });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: message.id,
        seq: message.seq,
        text,
        is_edited: true,
        edited_at: expect.any(String),
      });
      expect(body.version).toBeGreaterThan(message.version);
      expect((await bob.api.get(`/api/messages/${message.id}/`)).body.text).toBe(text);
    }
  });

  test("DELETE → 204, leaving a tombstone without text", async () => {
    const [message] = await send(ann, chat, "Oops");
    expect((await ann.api.delete(`/api/messages/${message.id}/`)).status).toBe(204);
    const { body } = await bob.api.get(`/api/messages/${message.id}/`);
    expect(body).toMatchObject({ id: message.id, seq: message.seq, text: "", is_deleted: true });
    expect((await ann.api.put(`/api/messages/${message.id}/`, { text: "Back" })).status).toBe(404);
    expect((await ann.api.delete(`/api/messages/${message.id}/`)).status).toBe(204);
  });

  test("→ 403 to another member, 404 to a stranger", async () => {
    const [message] = await send(ann, chat, "Mine");
    const path = `/api/messages/${message.id}/`;
    expect((await bob.api.put(path, { text: "Yours" })).status).toBe(403);
    expect((await bob.api.delete(path)).status).toBe(403);
    for (
      const answer of [await eve.api.get(path), await eve.api.put(path, { text: "x" }), await eve.api.delete(path)]
    ) {
      expect([answer.status, answer.body]).toEqual([404, { detail: "Not found.", code: "message_not_found" }]);
    }
    expect((await ann.api.get(path)).body).toEqual(message);
  });

  test("DELETE → 204 to the owner of the group for a message of another member", async () => {
    const group = await newGroup(ann, bob);
    const [message] = await send(bob, group, "Spam");
    expect((await ann.api.delete(`/api/messages/${message.id}/`)).status).toBe(204);
  });
});

describe("POST /api/messages/ with forwarded_from", () => {
  test("→ 201 with the text and the original sender", async () => {
    const [message] = await send(bob, chat, "Worth telling");
    const group = await newGroup(ann, await newPerson("carol"));
    const { status, body } = await ann.api.post("/api/messages/", { chat: group, forwarded_from: message.id });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      text: "Worth telling",
      sender: ann.id,
      forwarded_from: message.id,
      forwarded_from_username: bob.username,
    });
  });

  test("→ 404 when the sender cannot see the message", async () => {
    const [message] = await send(bob, chat, "Between us");
    const own = await newPrivate(eve, await newPerson("carol"));
    for (const text of [undefined, "Look"]) {
      const { status } = await eve.api.post("/api/messages/", { chat: own, text, forwarded_from: message.id });
      expect(status).toBe(404);
    }
  });
});
