import { describe, expect, test } from "vitest";
import { newDirect, newGroup, newMiniChatPerson, send, threePeople } from "./people.ts";

describe("GET rooms/{id}/participants/", () => {
  test("→ 200 with the members in order of id, and their online status", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann", { first_name: "Ann" }), newMiniChatPerson("bob")]);
    const room = await newDirect(ann, bob);
    await ann.api.get("/api/auth/me/");
    const { status, body } = await bob.api.get(`/api/chat/rooms/${room}/participants/`);
    const of = ({ id, username, first_name, last_name }: typeof ann.user, is_online: boolean) => ({
      id,
      username,
      first_name,
      last_name,
      full_name: first_name,
      is_online,
      last_seen: is_online ? expect.any(String) : null,
      avatar: "https://placehold.co/150x150",
    });
    const participants = [of(ann.user, true), of(bob.user, false)].sort((one, other) => one.id - other.id);
    expect([status, body]).toEqual([200, { room_id: room, participants }]);
  });

  test("→ 200 in pages", async () => {
    const { ann, bob, eve } = await threePeople();
    const path = `/api/chat/rooms/${await newGroup(ann, bob, eve)}/participants/`;
    const pages = await ann.api.pages(`${path}?limit=2`);
    const ids = (pages as unknown as { participants: { id: number }[] }[])
      .map(({ participants }) => participants.map(({ id }) => id));
    expect(ids).toEqual([[ann.id, bob.id, eve.id].sort((one, other) => one - other).slice(0, 2), [
      Math.max(ann.id, bob.id, eve.id),
    ]]);
    expect((await ann.api.get(`${path}?after=999999999`)).body.participants).toEqual([]);
  });

  test("→ 403 to a user who has not joined a public group, 404 to a stranger", async () => {
    const { ann, bob, eve } = await threePeople();
    for (
      const [room, status, code] of [
        [await newGroup(ann, bob), 403, "not_a_member"],
        [await newDirect(ann, bob), 404, "room_not_found"],
        [999999999, 404, "room_not_found"],
      ] as const
    ) {
      for (
        const refused of [
          await eve.api.get(`/api/chat/rooms/${room}/participants/`),
          await eve.api.post(`/api/chat/rooms/${room}/mark_read/`, {}),
        ]
      ) {
        expect([refused.status, refused.body.code]).toEqual([status, code]);
      }
    }
  });
});

describe("POST rooms/{id}/mark_read/", () => {
  test("→ 200, marking the whole room as read, with or without a body", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const room = await newDirect(ann, bob);
    for (const body of [undefined, {}]) {
      await send(ann, room, "One", "Two");
      const { status, body: answer } = await bob.api.call("POST", `/api/chat/rooms/${room}/mark_read/`, body);
      expect([status, answer]).toEqual([200, { message: "Сообщения отмечены как прочитанные", room_id: room }]);
      const { body: messages } = await ann.api.get(`/api/chat/messages/?room=${room}`);
      expect(messages.map(({ is_read }: { is_read: boolean }) => is_read)).not.toContain(false);
    }
  });
});

test("POST rooms/{id}/join/ → 200 with the documented message, and the room", async () => {
  const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
  const room = await newGroup(ann);
  const { status, body } = await bob.api.post(`/api/chat/rooms/${room}/join/`, {});
  expect([status, body.message]).toEqual([200, "Успешно присоединились к комнате"]);
  expect(body.room).toEqual((await bob.api.get(`/api/chat/rooms/${room}/`)).body);
});
