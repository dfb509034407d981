import { beforeAll, expect, test } from "vitest";
import { client } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newGroup, newPerson, type Person, threePeople } from "./people.ts";

let ann: Person, bob: Person, eve: Person;
let chat: number;
const unknown = { status: 404, body: { detail: expect.any(String), code: "invite_not_found" } };

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newGroup(ann, bob);
});

const make = async (fields: object = {}) => (await ann.api.post(`/api/chats/${chat}/invites/`, fields)).body;

test("POST /api/chats/{id}/invites/ → 201 a link with its token, 403 to a member, 404 to a stranger, 400 for a past time", async () => {
  const expires_at = "2126-01-01T00:00:00Z";
  const made = await ann.api.post(`/api/chats/${chat}/invites/`, { expires_at, max_uses: 5 });
  const link = { chat, role: "member", expires_at, max_uses: 5, uses: 0, created_by: ann.id, revoked_at: null };
  expect(made).toMatchObject({ status: 201, body: { ...link, token: expect.stringMatching(/^[\w-]{22}$/) } });
  expect((await bob.api.post(`/api/chats/${chat}/invites/`, {})).body.code).toBe("role_required");
  expect((await eve.api.post(`/api/chats/${chat}/invites/`, {})).body.code).toBe("room_not_found");
  for (const wrong of [{ expires_at: "2001-01-01T00:00:00Z" }, { max_uses: 0 }, { role: "owner" }]) {
    const { status, body } = await ann.api.post(`/api/chats/${chat}/invites/`, wrong);
    expect([status, Object.keys(body)]).toEqual([400, Object.keys(wrong)]);
  }
});

test("GET /api/chats/{id}/invites/ → 200 pages without tokens, nothing to a member, 404 to a stranger", async () => {
  const links = [await make(), await make()];
  const page = await ann.api.get(`/api/chats/${chat}/invites/?limit=1`);
  expect(page.body).toMatchObject([{ id: links[1].id }]);
  expect(page.body[0]).not.toHaveProperty("token");
  const next = await ann.api.get(`/api/chats/${chat}/invites/?limit=1&before=${links[1].id}`);
  expect(next.body).toMatchObject([{ id: links[0].id }]);
  expect((await bob.api.get(`/api/chats/${chat}/invites/`)).body).toEqual([]);
  expect((await eve.api.get(`/api/chats/${chat}/invites/`)).status).toBe(404);
});

test("/api/invites/{token}/ → 200 the group, then the chat; 404 for a link that is unknown, revoked or used up", async () => {
  const { id, token } = await make({ max_uses: 1 });
  const spare = await make();
  expect(await eve.api.get(`/api/invites/${token}/`)).toMatchObject({
    status: 200,
    body: { name: "A group", avatar_url: null, members_count: 2 },
  });
  for (let time = 0; time < 2; time++) {
    const { status, body } = await eve.api.post(`/api/invites/${token}/`, {});
    expect([status, body.id, body.members_count]).toEqual([200, chat, 3]);
  }
  const dan = await newPerson("dan");
  for (const path of [`/api/invites/${token}/`, "/api/invites/unknown/"]) {
    expect(await dan.api.get(path)).toMatchObject(unknown);
    expect(await dan.api.post(path, {})).toMatchObject(unknown);
  }
  expect((await bob.api.delete(`/api/chats/${chat}/invites/${spare.id}/`)).status).toBe(404);
  expect((await ann.api.delete(`/api/chats/${chat}/invites/${spare.id}/`)).status).toBe(204);
  expect((await ann.api.delete(`/api/chats/${chat}/invites/${spare.id}/`)).status).toBe(204);
  expect(await dan.api.post(`/api/invites/${spare.token}/`, {})).toMatchObject(unknown);
  expect((await ann.api.get(`/api/chats/${chat}/invites/`)).body).toContainEqual(
    expect.objectContaining({ id, uses: 1 }),
  );
});

test("who joins by a link in the Data API is in the room for every API", async () => {
  const { token } = await make();
  const dan = await newPerson("dan");
  const { data } = await client({ token: dan.access }).rpc("join_by_link", { token });
  expect(data).toMatchObject({ room_id: chat, role: "member" });
  expect((await new Caller(dan.access, "mini-chat").get(`/api/chat/rooms/${chat}/`)).status).toBe(200);
  expect((await dan.api.post("/api/messages/", { chat, text: "Hello" })).status).toBe(201);
});

test("/api/invitations/ → who lets nobody add them is invited by every API, and accepts, declines or ignores", async () => {
  const dan = await newPerson("dan");
  const supabase = client({ token: dan.access });
  const { data: me } = await supabase.from("profiles").select("id").eq("number", dan.id).single().throwOnError();
  await supabase.from("profiles").update({ added_by: "nobody" }).eq("id", me.id).throwOnError();
  const made = await ann.api.post("/api/chats/", { type: "group", name: "Asked", members: [bob.id, dan.id] });
  expect([made.status, made.body.members_count]).toEqual([201, 2]);
  const { id } = made.body;
  const invite = () => ann.api.patch(`/api/chats/${id}/`, { members: [bob.id, dan.id] });
  const own = async () => (await dan.api.get("/api/invitations/")).body;
  const invitation = {
    chat: id,
    name: "Asked",
    members_count: 2,
    invited_by: ann.id,
    invited_by_username: ann.username,
  };
  expect(await own()).toMatchObject([invitation]);
  expect((await ann.api.get(`/api/chats/${id}/invitations/`)).body).toMatchObject([{
    user: dan.id,
    invited_by: ann.id,
  }]);
  expect((await bob.api.get(`/api/chats/${id}/invitations/`)).body.code).toBe("role_required");
  expect((await dan.api.get(`/api/chats/${id}/`)).status).toBe(404);

  expect((await dan.api.post(`/api/invitations/${id}/decline/`, {})).status).toBe(204);
  expect(await dan.api.post(`/api/invitations/${id}/accept/`, {})).toMatchObject(unknown);
  expect((await invite()).body.members_count).toBe(2);
  expect((await ann.api.delete(`/api/chats/${id}/invitations/${dan.id}/`)).status).toBe(204);
  expect(await own()).toEqual([]);
  await invite();
  expect((await dan.api.post(`/api/invitations/${id}/ignore/`, {})).status).toBe(204);
  await invite();
  expect(await own()).toEqual([]);
  expect((await ann.api.get(`/api/chats/${id}/invitations/`)).body).toMatchObject([{ user: dan.id }]);
  const { status, body } = await dan.api.post(`/api/invitations/${id}/accept/`, {});
  expect([status, body.id, body.members_count]).toEqual([200, id, 3]);
});

test("a public group that wants to be asked → 403 request_required through every door that joins", async () => {
  const slug = `asking-${ann.id}`;
  const owner = client({ token: ann.access });
  const { data: room } = await owner.rpc("create_group_room", { name: "Asking", is_public: true, slug }).throwOnError();
  await owner.rpc("update_room", { room_id: room.id, joining: "request" }).throwOnError();
  const refused = { status: 403, body: { code: "request_required" } };
  const dan = await newPerson("dan");
  const supabase = client({ token: dan.access });
  expect((await supabase.rpc("join_room", { room_id: room.id })).error).toMatchObject({ message: "request_required" });
  const mini = new Caller(dan.access, "mini-chat");
  expect(await mini.post(`/api/chat/rooms/${room.id}/join/`, {})).toMatchObject(refused);
  expect((await supabase.rpc("request_to_join", { room_id: room.id, note: "Please" })).data).toMatchObject({
    note: "Please",
  });
  const { data: [asking] } = await owner.from("join_requests").select().eq("room_id", room.id).throwOnError();
  await owner.rpc("accept_join_request", { room_id: room.id, user_id: asking!.user_id }).throwOnError();
  expect((await mini.post(`/api/chat/rooms/${room.id}/join/`, {})).status).toBeLessThan(300);
});
