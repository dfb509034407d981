import { describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newDirect, newMiniChatPerson, threePeople } from "./people.ts";

const create = "/api/chat/create-direct-chat/";

describe("POST /api/chat/create-direct-chat/", () => {
  test("→ 201 by id or username, named after both, and the same for both", async () => {
    for (const key of ["user_id", "participant_id", "username"] as const) {
      const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
      const other = { user_id: bob.id, participant_id: String(bob.id), username: bob.username.toUpperCase() }[key];
      const { status, body } = await ann.api.post(create, { [key]: other });
      const room = {
        id: expect.any(Number),
        name: `Чат: ${ann.username} и ${bob.username}`,
        description: `Прямой чат между ${ann.username} и ${bob.username}`,
        created_at: expect.any(String),
        participants: [ann, bob].toSorted((one, other) => one.id - other.id).map(({ user }) => user),
        participants_count: 2,
        is_direct: true,
        is_public: false,
        chat_type: "direct",
        other_participant: bob.user,
        unread_count: 0,
      };
      expect([status, body]).toEqual([201, { ...room, room, message: "Чат успешно создан" }]);
      for (const [{ api }, { user }] of [[ann, bob], [bob, ann]] as const) {
        const shown = { ...body.room, other_participant: user };
        expect((await api.get("/api/chat/rooms/")).body).toEqual([shown]);
        expect((await api.get(`/api/chat/rooms/${body.room.id}/`)).body).toEqual(shown);
      }
    }
  });

  test("→ 200 with the existing chat, for both members", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newDirect(ann, bob);
    for (const [one, other] of [[ann, bob], [bob, ann]] as const) {
      const { status, body } = await one.api.post(create, { user_id: other.id });
      expect([status, body.room.id, body.message]).toEqual([200, id, "Чат уже существует"]);
      expect(body).toEqual({ ...body.room, room: body.room, message: body.message });
      expect(body.room.name).toBe(`Чат: ${ann.username} и ${bob.username}`);
    }
  });

  test("by both at the same time → one chat", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, turn) => {
        const [one, other] = turn % 2 ? [ann, bob] : [bob, ann];
        return one.api.post(create, { user_id: other.id });
      }),
    );
    expect(new Set(answers.map(({ body }) => body.room.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
  });

  test("a chat created in the messenger gets the same name", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const { body: { id } } = await bob.messenger.post("/api/chats/", { type: "private", members: [ann.id] });
    const { body } = await ann.api.get(`/api/chat/rooms/${id}/`);
    expect(body.name).toBe(`Чат: ${bob.username} и ${ann.username}`);
    expect((await ann.api.post(create, { username: bob.username })).status).toBe(200);
  });

  test("its name follows current usernames, which find it", async () => {
    const { ann, bob, eve } = await threePeople();
    const id = await newDirect(ann, bob);
    const sql = database();
    const rename = (person: { id: number }, username: string) =>
      sql`update chat.profiles set username = ${username} where number = ${person.id}`;
    await rename(ann, `zoe${ann.id}`);
    await rename(eve, ann.username);
    await sql.end();
    expect((await bob.api.get(`/api/chat/rooms/${id}/`)).body).toMatchObject({
      name: `Чат: zoe${ann.id} и ${bob.username}`,
      description: `Прямой чат между zoe${ann.id} и ${bob.username}`,
    });
    const made = await bob.api.post(create, { username: ann.username });
    expect([made.status, made.body.name]).toEqual([201, `Чат: ${bob.username} и ${ann.username}`]);
    expect(new Set(made.body.participants.map((user: { id: number }) => user.id))).toEqual(new Set([bob.id, eve.id]));
    expect((await bob.api.post(create, { username: `zoe${ann.id}` })).body.id).toBe(id);
  });

  test("a chat stays when one account is deleted", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newDirect(ann, bob);
    const sql = database();
    await sql`delete from auth.users where id = (select id from chat.profiles where number = ${ann.id})`;
    await sql.end();
    expect((await bob.api.get(`/api/chat/rooms/${id}/`)).body).toMatchObject({
      name: `Чат: ${bob.username}`,
      participants: [bob.user],
      participants_count: 1,
    });
  });

  test("DELETE → 204 to both members, PATCH → 403", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const path = `/api/chat/rooms/${await newDirect(ann, bob)}/`;
    expect((await ann.api.patch(path, { name: "Ours" })).status).toBe(403);
    expect((await bob.api.delete(path)).status).toBe(204);
    expect((await ann.api.get(path)).status).toBe(404);
  });

  test("→ 404 to an unknown user", async () => {
    const ann = await newMiniChatPerson("ann");
    for (const body of [{ user_id: 987654321 }, { user_id: -1 }, { username: "no-such-person" }, { username: "%" }]) {
      const refused = await ann.api.post(create, body);
      expect([refused.status, refused.body]).toEqual([404, {
        error: "Not found.",
        detail: "Not found.",
        code: "user_not_found",
      }]);
    }
  });

  test("→ 400 to the caller's own id, naming the field", async () => {
    const ann = await newMiniChatPerson("ann");
    for (const body of [{ user_id: ann.id }, { username: ann.username }]) {
      const refused = await ann.api.post(create, body);
      expect([refused.status, Object.keys(refused.body)]).toEqual([400, ["user_id"]]);
    }
    expect((await ann.api.get("/api/chat/rooms/")).body).toEqual([]);
  });

  test.each([
    [{}, "user_id"],
    [{ user_id: null }, "user_id"],
    [{ participant_id: "ann" }, "participant_id"],
    [{ user_id: "ann" }, "user_id"],
    [{ user_id: [1] }, "user_id"],
    [{ user_id: 1e30 }, "user_id"],
    [{ username: "" }, "username"],
    [{ username: 5 }, "username"],
    [null, "non_field_errors"],
  ])("→ 400 to %j, naming %s", async (body, field) => {
    const ann = await newMiniChatPerson("ann");
    const refused = await ann.api.call("POST", create, JSON.stringify(body));
    expect([refused.status, Object.keys(refused.body)]).toEqual([400, [field]]);
  });

  test("a stranger cannot see or delete a chat", async () => {
    const { ann, bob, eve } = await threePeople();
    const id = await newDirect(ann, bob);
    expect((await eve.api.get("/api/chat/rooms/")).body).toEqual([]);
    expect((await eve.api.delete(`/api/chat/rooms/${id}/`)).status).toBe(404);
  });
});
