import { beforeAll, describe, expect, test } from "vitest";
import { newGroup, newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
});

const pinned = async () => (await ann.api.get(`/api/pinned/?chat=${chat}`)).body;

describe("/api/pinned/", () => {
  test("POST → 201 for any member, 200 when already pinned; GET lists the pins in order", async () => {
    const [one, two] = await send(ann, chat, "One", "Two");
    const { status, body } = await bob.api.post("/api/pinned/", { chat, message: two.id });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(Number),
      chat,
      message: expect.objectContaining({ id: two.id, text: "Two", sender: ann.id, version: two.version }),
      pinned_by: bob.id,
      pinned_by_username: bob.username,
      pinned_at: expect.any(String),
    });
    await ann.api.post("/api/pinned/", { chat, message: one.id });
    expect((await pinned()).map((pin: { message: { id: number } }) => pin.message.id)).toEqual([two.id, one.id]);
    const again = await ann.api.post("/api/pinned/", { chat, message: two.id });
    expect([again.status, again.body.id, again.body.pinned_by]).toEqual([200, body.id, bob.id]);
  });

  test("DELETE {id}/ → 204 to any member, 404 to a stranger", async () => {
    const [message] = await send(ann, chat, "Pinned");
    const { body: pin } = await ann.api.post("/api/pinned/", { chat, message: message.id });
    expect((await eve.api.delete(`/api/pinned/${pin.id}/`)).status).toBe(404);
    expect((await bob.api.delete(`/api/pinned/${pin.id}/`)).status).toBe(204);
    expect((await bob.api.delete(`/api/pinned/${pin.id}/`)).status).toBe(404);
    expect((await pinned()).some((other: { id: number }) => other.id === pin.id)).toBe(false);
  });

  test("deleting a message removes its pin; POST → 400 afterwards", async () => {
    const [message] = await send(ann, chat, "Here today");
    const { body: pin } = await ann.api.post("/api/pinned/", { chat, message: message.id });
    await ann.api.delete(`/api/messages/${message.id}/`);
    expect((await pinned()).some((other: { id: number }) => other.id === pin.id)).toBe(false);
    expect((await ann.api.post("/api/pinned/", { chat, message: message.id })).status).toBe(400);
  });

  test("POST → 400 when the message is of another chat", async () => {
    const [message] = await send(ann, await newGroup(ann, bob), "Elsewhere");
    for (const id of [message.id, 987654321]) {
      const { status, body } = await ann.api.post("/api/pinned/", { chat, message: id });
      expect([status, Object.keys(body)]).toEqual([400, ["message"]]);
    }
  });

  test("GET, POST → 404 to a stranger", async () => {
    const [message] = await send(ann, chat, "Private");
    expect((await eve.api.get(`/api/pinned/?chat=${chat}`)).status).toBe(404);
    expect((await eve.api.post("/api/pinned/", { chat, message: message.id })).status).toBe(404);
  });

  test.each([[{}, ["chat", "message"]], [{ chat: "x", message: 1 }, ["chat"]], [{ chat: 1, message: null }, [
    "message",
  ]]])(
    "POST %j → 400",
    async (body, fields) => {
      const refused = await ann.api.post("/api/pinned/", body);
      expect([refused.status, Object.keys(refused.body)]).toEqual([400, fields]);
    },
  );

  test("GET without a chat → 400", async () => {
    const { status, body } = await ann.api.get("/api/pinned/");
    expect([status, body]).toEqual([400, { chat: ["This field is required."] }]);
  });
});
