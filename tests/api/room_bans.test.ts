import { beforeAll, expect, inject, test } from "vitest";
import { open } from "../relay/socket.ts";
import { client, database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newPerson, type Person } from "./people.ts";

let ann: Person, bob: Person, dan: Person;
let chat: number, slug: string, token: string;

beforeAll(async () => {
  [ann, bob, dan] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("dan")]);
  slug = `bans-${ann.id}`;
  const supabase = client({ token: ann.access });
  const { data } = await supabase.rpc("create_group_room", { name: "Bans", is_public: true, slug });
  chat = data!.id;
  token = (await ann.api.post(`/api/chats/${chat}/invites/`, {})).body.token;
  for (const person of [bob, dan]) await client({ token: person.access }).rpc("join_room", { room_id: chat });
});

const ban = (fields: object = {}) => ann.api.post(`/api/chats/${chat}/bans/`, { user_id: bob.id, ...fields });

/** What comes of each way back, tried by bob and by ann. */
async function waysBack() {
  const [own, of] = [client({ token: bob.access }), client({ token: ann.access })];
  const sql = database();
  const [profile] = await sql`select id from chat.profiles where number = ${bob.id}`;
  await sql.end();
  const members = [ann.id, bob.id, dan.id];
  const service = client({ key: inject("status").secret_key });
  const answers = [
    await own.rpc("join_room", { room_id: chat }),
    await own.rpc("join_by_link", { token }),
    await bob.api.post(`/api/invites/${token}/`, {}),
    await new Caller(bob.access, "mini-chat").post(`/api/chat/rooms/${chat}/join/`, {}),
    await of.rpc("add_members", { room_id: chat, user_ids: [profile!.id] }),
    await ann.api.patch(`/api/chats/${chat}/`, { members }),
    await service.from("room_members").insert({ room_id: chat, user_id: profile!.id }),
  ];
  return answers.map((answer) => `${answer.status} ${"error" in answer ? answer.error?.message : answer.body.code}`);
}

test("POST /api/chats/{id}/bans/ → 201 a ban that ends the membership and the sockets", async () => {
  const sockets = [
    `/messenger/ws/chat/${chat}/`,
    `/mini-chat/ws/chat/${chat}/`,
    `/social/messenger/ws/ws/chat/${slug}/`,
  ];
  const opened = await Promise.all(sockets.map((path) => open(`${path}?token=${bob.access}`)));
  const { status, body } = await ban({ until: "2126-01-01T00:00:00Z", reason: "Rude" });
  expect([status, body]).toMatchObject([201, {
    chat,
    user: { id: bob.id, username: bob.username },
    until: "2126-01-01T00:00:00Z",
    reason: "Rude",
    banned_by: ann.id,
    is_by_moderator: false,
  }]);
  await Promise.all(opened.map((socket) => socket.closed));
  expect((await bob.api.get(`/api/chats/${chat}/`)).status).not.toBe(200);
  expect((await ban({ until: "2126-01-01T00:00:00Z", reason: "Rude" })).body.id).toBe(body.id);
});

test("a person who is banned gets 403 banned through every way back, with until when and why", async () => {
  expect(new Set(await waysBack())).toEqual(new Set(["403 banned"]));
  const { body } = await new Caller(bob.access, "mini-chat").post(`/api/chat/rooms/${chat}/join/`, {});
  expect(body.detail).toBe("You are banned from this room until 2126-01-01 00:00 UTC: Rude");
  const { error } = await client({ token: bob.access }).rpc("join_room", { room_id: chat });
  expect(JSON.parse(error!.hint!)).toMatchObject({ reason: "Rude", until: expect.stringContaining("2126-01-01") });
  const added = await ann.api.patch(`/api/chats/${chat}/`, { members: [ann.id, bob.id, dan.id] });
  expect(added.body.detail).not.toContain("Rude");
});

test("no socket opens to a person who is banned", async () => {
  const socket = await open(`/messenger/ws/chat/${chat}/?token=${bob.access}`);
  expect((await socket.closed).code).toBeGreaterThanOrEqual(4000);
});

test("/api/chats/{id}/bans/ → 200 pages to an admin, nothing to a member, 400, 403 and 404 to others", async () => {
  await ann.api.post(`/api/chats/${chat}/bans/`, { user_id: dan.id });
  const page = await ann.api.get(`/api/chats/${chat}/bans/?limit=1`);
  expect(page.body).toMatchObject([{ user: { id: dan.id }, until: null, reason: "" }]);
  const next = await ann.api.get(`/api/chats/${chat}/bans/?limit=1&before=${page.body[0].id}`);
  expect(next.body).toMatchObject([{ user: { id: bob.id } }]);
  expect((await ann.api.delete(`/api/chats/${chat}/bans/${dan.id}/`)).status).toBe(204);
  await client({ token: dan.access }).rpc("join_room", { room_id: chat });
  expect((await dan.api.get(`/api/chats/${chat}/bans/`)).body).toEqual([]);
  expect((await dan.api.post(`/api/chats/${chat}/bans/`, { user_id: bob.id })).body.code).toBe("role_required");
  expect((await dan.api.delete(`/api/chats/${chat}/bans/${bob.id}/`)).body.code).toBe("role_required");
  expect((await bob.api.get(`/api/chats/${chat}/bans/`)).status).not.toBe(200);
  for (const wrong of [{ user_id: 0 }, { until: "2001-01-01T00:00:00Z" }, { reason: "x".repeat(501) }]) {
    const { status, body } = await ban(wrong);
    expect([status, Object.keys(body)]).toEqual([400, Object.keys(wrong)]);
  }
});

test("DELETE /api/chats/{id}/bans/{user_id}/ → 204, and every way back is open", async () => {
  for (let time = 0; time < 2; time++) {
    expect((await ann.api.delete(`/api/chats/${chat}/bans/${bob.id}/`)).status).toBe(204);
  }
  expect((await new Caller(bob.access, "mini-chat").post(`/api/chat/rooms/${chat}/join/`, {})).status).toBe(200);
});
