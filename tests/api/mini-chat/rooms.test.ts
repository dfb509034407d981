import { describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newDirect, newGroup, newMiniChatPerson, newPrivateGroup, send, threePeople } from "./people.ts";

const notFound = [404, { error: "Not found.", detail: "Not found.", code: "room_not_found" }];

describe("groups", () => {
  test("POST → 201 with a public group, as the list and GET show it", async () => {
    const ann = await newMiniChatPerson("ann");
    const { status, body } = await ann.api.post("/api/chat/rooms/", { name: "Чай", description: "С мёдом" });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number),
      name: "Чай",
      description: "С мёдом",
      created_at: expect.any(String),
      participants: [ann.user],
      participants_count: 1,
      is_direct: false,
      is_public: true,
      chat_type: "group",
      other_participant: null,
      unread_count: 0,
    }]);
    expect((await ann.api.get("/api/chat/rooms/")).body).toEqual([body]);
    expect((await ann.api.get(`/api/chat/rooms/${body.id}/`)).body).toEqual(body);
  });

  test("PUT, PATCH → 200 to the owner, changing only the given fields; DELETE → 204", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newGroup(ann, bob);
    const path = `/api/chat/rooms/${id}/`;
    const put = await ann.api.put(path, { name: "Друзья", description: "All of us" });
    expect([put.status, put.body]).toEqual([200, (await bob.api.get(path)).body]);
    expect((await ann.api.patch(path, { name: "Friends" })).body).toMatchObject({
      name: "Friends",
      description: "All of us",
    });
    expect((await ann.api.patch(path, { description: "" })).body).toMatchObject({ name: "Friends", description: "" });
    expect((await ann.api.delete(path)).status).toBe(204);
    expect((await bob.api.get(path)).status).toBe(404);
  });

  test("PUT → 200 with the unchanged group sent back", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const path = `/api/chat/rooms/${await newGroup(ann, bob)}/`;
    const { body: before } = await ann.api.get(path);
    const { status, body } = await ann.api.put(path, before);
    expect([status, body]).toEqual([200, before]);
  });

  test("PUT, DELETE → 403 to a member who is not an admin, and to one who has not joined", async () => {
    const { ann, bob, eve } = await threePeople();
    const path = `/api/chat/rooms/${await newGroup(ann, bob)}/`;
    for (const [person, code] of [[bob, "role_required"], [eve, "not_a_member"]] as const) {
      for (const refused of [await person.api.put(path, { name: "Mine" }), await person.api.delete(path)]) {
        expect([refused.status, refused.body.code]).toEqual([403, code]);
      }
    }
    expect((await bob.api.get(path)).body.name).toBe("A group");
  });

  test.each([
    [{}, "name"],
    [{ name: "  " }, "name"],
    [{ name: null }, "name"],
    [{ name: "x".repeat(256) }, "name"],
    [{ name: ["x"] }, "name"],
    [{ name: "x", description: "x".repeat(2001) }, "description"],
    [{ name: "a\0b" }, "name"],
    [[], "non_field_errors"],
  ])("POST %j → 400 naming %s", async (body, field) => {
    const ann = await newMiniChatPerson("ann");
    const refused = await ann.api.post("/api/chat/rooms/", body);
    expect([refused.status, Object.keys(refused.body)]).toEqual([400, [field]]);
    expect((await ann.api.get("/api/chat/rooms/")).body).toEqual([]);
  });
});

describe("GET /api/chat/rooms/", () => {
  test("→ 200 with the caller's rooms, the most recently active first, in pages", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const [first, second, third] = [await newGroup(ann, bob), await newDirect(ann, bob), await newGroup(bob, ann)];
    await newGroup(bob);
    await send(bob, first!, "Wake up");
    const pages = await ann.api.pages("/api/chat/rooms/?limit=2");
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[first, third], [second]]);
    const { body } = await ann.api.get(`/api/chat/rooms/${second}/`);
    expect(pages[1]).toEqual([body]);
  });

  test("?scope=public → 200 with the groups that the caller can join, the newest first", async () => {
    const { ann, bob, eve } = await threePeople();
    const [joined, first, second] = [await newGroup(ann, eve), await newGroup(ann), await newGroup(bob)];
    const hidden = [await newDirect(ann, bob), await newPrivateGroup(ann, bob)];
    const { body: [newest] } = await eve.api.get("/api/chat/rooms/?scope=public&limit=1");
    expect(newest.id).toBeGreaterThanOrEqual(second!);
    const { body, headers } = await eve.api.get(`/api/chat/rooms/?scope=public&limit=2&before=${second! + 1}`);
    expect(body.map(({ id }: { id: number }) => id)).toEqual([second, first]);
    expect(headers.get("Link")).toContain(`before=${first}`);
    const { body: all } = await eve.api.get(`/api/chat/rooms/?scope=public&before=${Math.max(...hidden) + 1}`);
    for (const id of [joined, ...hidden]) expect(all).not.toContainEqual(expect.objectContaining({ id }));
  });

  test("shows the members of a public group only to its members", async () => {
    const [ann, eve] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("eve")]);
    const id = await newGroup(ann);
    const { status, body } = await eve.api.get(`/api/chat/rooms/${id}/`);
    expect([status, body.participants, body.participants_count]).toEqual([200, [], 1]);
  });

  test.each(["scope=all", "limit=0", "limit=x", "before=x", "before=1&before=2"])("?%s → 400", async (query) => {
    const ann = await newMiniChatPerson("ann");
    const { status, body } = await ann.api.get(`/api/chat/rooms/?${query}`);
    expect([status, Object.keys(body)]).toEqual([400, [query.split("=")[0]]]);
  });

  test("shows 100 members of a crowd, the caller among them, and the count of all", async () => {
    const ann = await newMiniChatPerson("ann");
    const id = await newGroup(ann);
    const sql = database();
    await sql.begin(async (sql) => {
      const crowd = await sql<{ id: string }[]>`insert into auth.users (id, email, raw_user_meta_data)
        select person, person || '@example.com', jsonb_build_object('username', person)
        from (select gen_random_uuid() as person from generate_series(1, 150)) as crowd returning id`;
      await sql`insert into chat.room_members (room_id, user_id)
        select ${id}, unnest(${crowd.map(({ id }) => id)}::uuid[])`;
    });
    await sql.end();
    const { body } = await ann.api.get(`/api/chat/rooms/${id}/`);
    expect(body.participants_count).toBe(151);
    expect(new Set(body.participants.map((person: { id: number }) => person.id)).size).toBe(100);
    expect(body.participants).toContainEqual(ann.user);
  });
});

describe("joining and leaving", () => {
  test("POST join/, leave/ → 200 in a public group", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newGroup(ann);
    const path = `/api/chat/rooms/${id}/`;
    for (const _ of [1, 2]) {
      const { status, body } = await bob.api.post(`${path}join/`, {});
      expect([status, body]).toEqual([200, { room: (await ann.api.get(path)).body, message: expect.any(String) }]);
      expect(body.room.participants).toEqual(
        [ann, bob].toSorted((one, other) => one.id - other.id).map(({ user }) => user),
      );
    }
    const left = await bob.api.post(`${path}leave/`, {});
    expect([left.status, left.body]).toEqual([200, { message: expect.any(String) }]);
    expect((await ann.api.get(path)).body.participants).toEqual([ann.user]);
    expect((await bob.api.get("/api/chat/rooms/")).body).toEqual([]);
    const again = await bob.api.post(`${path}leave/`, {});
    expect([again.status, again.body.code]).toEqual([403, "not_a_member"]);
  });

  test("works without a body, as old clients send none", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newGroup(ann);
    expect((await bob.api.call("POST", `/api/chat/rooms/${id}/join/`)).status).toBe(200);
    expect((await bob.api.call("POST", `/api/chat/rooms/${id}/leave/`)).status).toBe(200);
  });

  test("when the owner leaves, another member becomes owner", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const id = await newGroup(ann, bob);
    await ann.api.post(`/api/chat/rooms/${id}/leave/`, {});
    expect((await bob.api.patch(`/api/chat/rooms/${id}/`, { name: "Bob's" })).status).toBe(200);
  });

  test("join/ → 404 to private rooms, leave/ → 400 to a direct chat", async () => {
    const { ann, bob, eve } = await threePeople();
    const [group, direct] = [await newPrivateGroup(ann, bob), await newDirect(ann, bob)];
    for (const id of [group, direct, 987654321]) {
      for (const action of ["join", "leave"]) {
        const { status, body } = await eve.api.post(`/api/chat/rooms/${id}/${action}/`, {});
        expect([status, body]).toEqual(notFound);
      }
    }
    const { status, body } = await bob.api.post(`/api/chat/rooms/${direct}/leave/`, {});
    expect([status, Object.keys(body)]).toEqual([400, ["non_field_errors"]]);
  });
});

test("every route of a private room → 404 to a stranger", async () => {
  const { ann, bob, eve } = await threePeople();
  for (const id of [await newPrivateGroup(ann, bob), await newDirect(ann, bob), 987654321]) {
    const path = `/api/chat/rooms/${id}/`;
    const answers = [
      await eve.api.get(path),
      await eve.api.put(path, { name: "Mine" }),
      await eve.api.patch(path, {}),
      await eve.api.delete(path),
      await eve.api.get(`${path}history/`),
      await eve.api.get(`/api/chat/messages/?room=${id}`),
      await eve.api.post("/api/chat/messages/", { room: id, content: "Let me in" }),
    ];
    for (const { status, body } of answers) expect([status, body]).toEqual(notFound);
  }
  expect((await eve.api.get("/api/chat/rooms/")).body).toEqual([]);
});
