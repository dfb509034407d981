import { describe, expect, test } from "vitest";
import { appClient } from "../../support/clients.ts";
import { newGroup, newPrivate, send, threePeople } from "../people.ts";

describe("private chats", () => {
  test("POST /api/chats/ → 201 with the chat as GET /api/chats/ lists it", async () => {
    const { ann, bob } = await threePeople();
    const made = await ann.api.post("/api/chats/", { type: "private", members: [ann.id, bob.id] });
    expect(made.status).toBe(201);
    const members = expect.arrayContaining([ann, bob].map(({ id, username }) => ({ id, username })));
    expect(made.body).toMatchObject({
      type: "private",
      name: bob.username,
      members,
      unread_count: 0,
      last_message: null,
    });
    expect((await ann.api.get("/api/chats/")).body).toEqual([made.body]);
    expect((await bob.api.get(`/api/chats/${made.body.id}/`)).body).toMatchObject({ name: ann.username, members });
  });

  test("POST /api/chats/ → 200 with the existing chat, for both members", async () => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const again = await bob.api.post("/api/chats/", { type: "private", members: [ann.id] });
    expect([again.status, again.body.id]).toEqual([200, chat]);
  });

  test("PUT /api/chats/{id}/ → 200 with the chat sent back unchanged, 400 with other members", async () => {
    const { ann, bob, eve } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const path = `/api/chats/${chat}/`;
    for (const name of [null, bob.username]) {
      const { status, body } = await bob.api.put(path, { type: "private", name, members: [ann.id, bob.id] });
      expect([status, body]).toEqual([200, (await bob.api.get(path)).body]);
    }
    for (const members of [[], [eve.id], [bob.id, eve.id]]) {
      const { status, body } = await ann.api.put(path, { members });
      expect([status, body]).toEqual([400, { non_field_errors: ["A direct chat has exactly two members."] }]);
    }
    expect((await ann.api.get(path)).body.members).toHaveLength(2);
  });

  test("POST /api/chats/ by both at the same time → one chat", async () => {
    const { ann, bob } = await threePeople();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, turn) => {
        const [one, other] = turn % 2 ? [ann, bob] : [bob, ann];
        return one.api.post("/api/chats/", { type: "private", members: [other.id] });
      }),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
  });

  test.each([
    ["no one", () => []],
    ["the caller", (ids: number[]) => [ids[0]!]],
    ["two others", (ids: number[]) => [ids[1]!, ids[2]!]],
    ["an unknown user", () => [987654321]],
    ["an id that is too large", () => [1e30]],
    ["text", () => ["ann"]],
  ])("POST /api/chats/ with %s → 400 naming the field", async (_, members: (ids: number[]) => unknown[]) => {
    const { ann, bob, eve } = await threePeople();
    const body = { type: "private", members: members([ann.id, bob.id, eve.id]) };
    const { status, body: refusal } = await ann.api.post("/api/chats/", body);
    expect([status, Object.keys(refusal)]).toEqual([400, ["members"]]);
    expect((await ann.api.get("/api/chats/")).body).toEqual([]);
  });
});

describe("groups", () => {
  test("the owner creates, updates and deletes a group: 201, 200, 204", async () => {
    const { ann, bob } = await threePeople();
    const id = await newGroup(ann, bob);
    const changed = await ann.api.put(`/api/chats/${id}/`, { name: "Друзья", description: "All of us" });
    expect([changed.status, changed.body.name, changed.body.description]).toEqual([200, "Друзья", "All of us"]);
    expect((await ann.api.patch(`/api/chats/${id}/`, { name: "Friends" })).body).toMatchObject({
      name: "Friends",
      description: "All of us",
    });
    expect((await ann.api.delete(`/api/chats/${id}/`)).status).toBe(204);
    expect((await bob.api.get(`/api/chats/${id}/`)).status).toBe(404);
  });

  test("GET /api/chats/{id}/ → 200 with the picture that an admin has given the group", async () => {
    const { ann, bob } = await threePeople();
    const id = await newGroup(ann, bob);
    const avatar_url = "https://example.com/tea.png";
    await appClient({ token: ann.api.token }).schema("chat").rpc("update_room", { room_id: id, avatar_url })
      .throwOnError();
    expect((await bob.api.get(`/api/chats/${id}/`)).body.avatar_url).toBe(avatar_url);
    expect((await bob.api.get("/api/chats/")).body).toMatchObject([{ id, avatar_url }]);
  });

  test("PUT, DELETE /api/chats/{id}/ → 403 to a member who is not an admin", async () => {
    const { ann, bob } = await threePeople();
    const id = await newGroup(ann, bob);
    for (
      const refused of [
        await bob.api.put(`/api/chats/${id}/`, { name: "Mine" }),
        await bob.api.delete(`/api/chats/${id}/`),
      ]
    ) {
      expect([refused.status, refused.body.code]).toEqual([403, "role_required"]);
    }
    expect((await bob.api.get(`/api/chats/${id}/`)).body.name).toBe("A group");
  });

  test("PUT /api/chats/{id}/ → 200, replacing all members", async () => {
    const { ann, bob, eve } = await threePeople();
    const id = await newGroup(ann, bob);
    const { body } = await ann.api.put(`/api/chats/${id}/`, { name: "Others", members: [eve.id] });
    expect(new Set(body.members.map((member: { id: number }) => member.id))).toEqual(new Set([ann.id, eve.id]));
    expect((await bob.api.get(`/api/chats/${id}/`)).status).toBe(404);
    expect((await eve.api.get(`/api/chats/${id}/`)).status).toBe(200);
  });

  test.each([
    [{ type: "group", members: [] }, "name"],
    [{ type: "group", members: [], name: "  " }, "name"],
    [{ type: "group", members: [], name: "x".repeat(256) }, "name"],
    [{ type: "group", name: "No members given" }, "members"],
    [{ type: "channel", name: "x", members: [] }, "type"],
    [{ type: "group", name: "x", members: "all" }, "members"],
    [{ type: "group", name: { $ne: 1 }, members: [] }, "name"],
  ])("POST /api/chats/ %j → 400 naming %s", async (body, field) => {
    const { ann } = await threePeople();
    const refused = await ann.api.post("/api/chats/", body);
    expect([refused.status, Object.keys(refused.body)]).toEqual([400, [field]]);
    expect((await ann.api.get("/api/chats/")).body).toEqual([]);
  });
});

describe("GET /api/chats/", () => {
  test("→ 200 with the most recently active chat first, its last message, and pages", async () => {
    const { ann, bob, eve } = await threePeople();
    const chats = [await newPrivate(ann, bob), await newGroup(ann, bob), await newPrivate(ann, eve)];
    const [message] = await send(bob, chats[0]!, "News");
    const { body } = await ann.api.get("/api/chats/");
    expect(body.map((chat: { id: number }) => chat.id)).toEqual([chats[0], chats[2], chats[1]]);
    expect(body[0].last_message).toEqual({ id: message.id, text: "News", created_at: message.created_at });
    const pages = await ann.api.pages("/api/chats/?limit=2");
    expect(pages.map((page) => page.map((chat) => chat.id))).toEqual([[chats[0], chats[2]], [chats[1]]]);
  });

  test("every route of a chat → 404 to a stranger", async () => {
    const { ann, bob, eve } = await threePeople();
    const id = await newPrivate(ann, bob);
    const answers = [
      await eve.api.get(`/api/chats/${id}/`),
      await eve.api.put(`/api/chats/${id}/`, { name: "Mine" }),
      await eve.api.delete(`/api/chats/${id}/`),
      await eve.api.post(`/api/chats/${id}/read/`, {}),
      await eve.api.get(`/api/chats/${id}/sync/`),
    ];
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([404, { detail: "Not found.", code: "room_not_found" }]);
    }
    expect((await eve.api.get("/api/chats/")).body).toEqual([]);
  });
});
