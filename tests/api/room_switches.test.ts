import { beforeAll, expect, test } from "vitest";
import { open } from "../relay/socket.ts";
import { client } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newPerson, type Person } from "./people.ts";

let ann: Person, bob: Person, eve: Person;
let chat: number, slug: string, message: number;

beforeAll(async () => {
  [ann, bob, eve] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("eve")]);
  slug = `switched-${ann.id}`;
  const { data } = await client({ token: ann.access }).rpc("create_group_room", {
    name: "Switched",
    is_public: true,
    slug,
  });
  chat = data!.id;
  await client({ token: bob.access }).rpc("join_room", { room_id: chat });
  message = (await bob.api.post("/api/messages/", { chat, text: "first" })).body.id;
});

const change = (fields: object) => ann.api.patch(`/api/chats/${chat}/`, fields);

/** What bob gets through each door that writes. */
async function refusals() {
  const supabase = client({ token: bob.access });
  const sockets = [
    { path: `/messenger/ws/chat/${chat}/`, frame: { type: "message", text: "x" } },
    { path: `/mini-chat/ws/chat/${chat}/`, frame: { type: "chat_message", message: "x" } },
    { path: `/social/messenger/ws/ws/chat/${slug}/`, frame: { message: "x" } },
  ];
  const answers = await Promise.all([
    supabase.from("messages").insert({ room_id: chat, content: "x" }),
    supabase.rpc("send_message", { room_id: chat, content: "x" }),
    bob.api.post("/api/messages/", { chat, text: "x" }),
    bob.api.patch(`/api/messages/${message}/`, { text: "x" }),
    supabase.rpc("begin_upload", { room_id: chat, name: "x.txt", mime_type: "text/plain", bytes: 1 }),
    new Caller(bob.access, "mini-chat").post("/api/chat/messages/", { room: chat, content: "x" }),
    new Caller(bob.access, "social").post(`/messenger/api/chatrooms/${slug}/messages/`, { content: "x" }),
  ]);
  const frames = await Promise.all(sockets.map(async ({ path, frame }) => {
    const socket = await open(`${path}?token=${bob.access}`);
    socket.send(frame);
    const { code } = await socket.next({ type: "error" });
    await socket.close();
    return code;
  }));
  return [
    ...answers.map((answer) => `${answer.status} ${"error" in answer ? answer.error?.message : answer.body.code}`),
    ...frames,
  ];
}

test("where admins write, a member gets 403 role_required through every door, and reacts", async () => {
  const { status, body } = await change({ posting: "admins" });
  expect([status, body.posting, body.locked_at]).toEqual([200, "admins", null]);
  expect(new Set(await refusals())).toEqual(new Set(["403 role_required", "role_required"]));
  expect((await bob.api.post(`/api/messages/${message}/reactions/`, { emoji: "👍" })).status).toBe(201);
  expect((await ann.api.post("/api/messages/", { chat, text: "news" })).status).toBe(201);
});

test("in a locked group a member gets 403 room_locked through every door, with the reason", async () => {
  const { body } = await change({ posting: "everyone", locked: true, locked_reason: "Until Monday." });
  expect(body).toMatchObject({ posting: "everyone", locked_reason: "Until Monday.", locked_at: expect.any(String) });
  expect(new Set(await refusals())).toEqual(new Set(["403 room_locked", "room_locked"]));
  const pin = await bob.api.post("/api/pinned/", { chat, message });
  expect([pin.status, pin.body]).toMatchObject([403, {
    code: "room_locked",
    detail: expect.stringContaining("Until Monday."),
  }]);
  expect((await change({ locked: false })).body).toMatchObject({ locked_at: null, locked_reason: null });
  expect((await bob.api.post("/api/messages/", { chat, text: "again" })).status).toBe(201);
});

test("PATCH /api/chats/{id}/ → 200 to a member who adds people where everyone may, 403 to one who does more", async () => {
  const members = [ann.id, bob.id, eve.id];
  expect((await bob.api.patch(`/api/chats/${chat}/`, { members })).body.code).toBe("role_required");
  await change({ inviting: "everyone" });
  expect((await bob.api.patch(`/api/chats/${chat}/`, { members, name: "Mine" })).body.code).toBe("role_required");
  const { status, body } = await bob.api.patch(`/api/chats/${chat}/`, { members });
  expect([status, body.members_count, body.name]).toEqual([200, 3, "Switched"]);
  expect((await bob.api.patch(`/api/chats/${chat}/`, { members: [ann.id, bob.id] })).body.code).toBe("role_required");
});
