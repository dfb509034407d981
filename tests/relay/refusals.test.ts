import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { beforeAll, expect, inject, test } from "vitest";
import { Caller } from "../api/caller.ts";
import { newGroup, newPrivate, type Person, send, threePeople } from "../api/people.ts";
import { client, database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { open, openChat } from "./socket.ts";

const status = inject("status");
let ann: Person, bob: Person, eve: Person;
let chat: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
});

/** Ann's token with another lifetime. */
function expiring(person: Person, seconds: number): Promise<string> {
  const claims = JSON.parse(Buffer.from(person.access.split(".")[1]!, "base64url").toString());
  return new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + seconds })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(status.jwt_secret));
}

const codeOf = async (path: string) => (await (await open(path)).closed).code;

test("a missing or bad token closes the socket with 4401", async () => {
  const paths = ["", "?token=", "?token=nonsense", `?token=${ann.access}x`, `?token=${status.publishable_key}`];
  const codes = await Promise.all(paths.map((query) => codeOf(`/messenger/ws/chat/${chat}/${query}`)));
  expect(codes).toEqual(paths.map(() => 4401));
});

test("a stranger's socket closes with 4403, as for an unknown room", async () => {
  const rooms = [chat, 999_999_999, "nonsense", "9".repeat(30), "-1"];
  const codes = await Promise.all(rooms.map((room) => codeOf(`/messenger/ws/chat/${room}/?token=${eve.access}`)));
  expect(codes).toEqual(rooms.map(() => 4403));
});

test("an expired token closes with 4408, at the start and while open", async () => {
  expect(await codeOf(`/messenger/ws/chat/${chat}/?token=${await expiring(ann, -10)}`)).toBe(4408);
  const socket = await openChat({ access: await expiring(ann, 2) }, chat);
  expect(socket.isClosed).toBe(false);
  expect((await socket.closed).code).toBe(4408);
});

test("a removed member's socket closes at once with 4403", async () => {
  const group = await newGroup(ann, bob, eve);
  const [anns, bobs, eves] = await Promise.all([ann, bob, eve].map((person) => openChat(person, group)));
  await ann.api.patch(`/api/chats/${group}/`, { members: [eve.id] });
  anns!.send({ type: "message", text: "Bob is gone" });
  expect((await bobs!.closed).code).toBe(4403);
  // The others receive this, and all later events, on the new topic.
  await eves!.next({ event: "member.left" });
  await eves!.next({ text: "Bob is gone" });
  await send(eve, group, "Indeed");
  await anns!.next({ text: "Indeed" });
  expect(bobs!.of("message")).toEqual([]);
  eves!.send({ type: "typing", is_typing: true });
  await anns!.next({ type: "typing" });
});

test("deleting a room closes its sockets", async () => {
  const group = await newGroup(ann, bob);
  const socket = await openChat(bob, group);
  await ann.api.delete(`/api/chats/${group}/`);
  expect((await socket.closed).code).toBe(4403);
});

test("a plain request → 426", async () => {
  const response = await fetch(`${status.functions_url}/messenger/ws/chat/${chat}/`);
  expect(response.status).toBe(426);
});

test("a handshake without Sec-WebSocket-Key → 426", async () => {
  for (const token of [ann.access, "none"]) {
    const response = get(`${status.functions_url}/messenger/ws/chat/${chat}/?token=${token}`, {
      headers: { Connection: "Upgrade", Upgrade: "websocket" },
    });
    expect((await once(response, "response"))[0].statusCode).toBe(426);
  }
});

test("a bad frame gets an error, and the socket stays open", async () => {
  const [theirs] = await send(bob, chat, "Bob's own");
  const socket = await openChat(ann, chat);
  const other = await newPrivate(bob, eve);
  const key = crypto.randomUUID();
  const cases: [frame: unknown, code: string, client_id?: string][] = [
    ["{", "invalid_json"],
    ["[]", "invalid_json"],
    ["null", "invalid_json"],
    [new Uint8Array([1, 2, 3]), "invalid_json"],
    [{}, "unknown_type"],
    [{ type: "toString" }, "unknown_type"],
    [{ type: { toString: 1 } }, "unknown_type"],
    [{ type: "message" }, "invalid"],
    [{ type: "message", text: 1 }, "invalid"],
    [{ type: "message", text: " " }, "invalid"],
    [{ type: "message", text: "\0" }, "invalid"],
    [{ type: "message", text: "x".repeat(10_001) }, "invalid"],
    [{ type: "message", text: "x", client_id: "x" }, "invalid", "x"],
    [{ type: "message", text: "x".repeat(200_000) }, "frame_too_large"],
    [
      { type: "message", text: '"client_id":"forged"'.repeat(20_000), client_id: "too large" },
      "frame_too_large",
      "too large",
    ],
    [`{"type": "message", "client_id": "cut off"`, "invalid_json", "cut off"],
    [{ type: "message", text: "", client_id: key }, "invalid", key],
    [{ type: "nonsense", client_id: key }, "unknown_type", key],
    [{ type: "forward", message_id: theirs.id, target_chat_id: other, client_id: key }, "room_not_found", key],
    [{ type: "typing", is_typing: "yes" }, "invalid"],
    [{ type: "read", last_read_message_id: 999_999_999 }, "message_not_found"],
    [{ type: "edit", message_id: theirs.id, text: "Mine" }, "sender_required"],
    [{ type: "edit", message_id: 999_999_999, text: "x" }, "message_not_found"],
    [{ type: "delete", message_id: theirs.id }, "role_required"],
    [{ type: "forward", message_id: theirs.id, target_chat_id: other }, "room_not_found"],
  ];
  for (const [frame, code, client_id] of cases) {
    socket.send(frame);
    const error = await socket.next({ type: "error" });
    const expected = { type: "error", code, detail: expect.any(String), ...(client_id && { client_id }) };
    expect(error, JSON.stringify(frame)).toEqual(expected);
  }
  socket.send({ type: "message", text: "Still here" });
  await socket.next({ text: "Still here" });
});

test("too many frames get an error, far too many close the socket", async () => {
  const socket = await openChat(eve, await newGroup(eve));
  for (let count = 0; count < 300; count++) socket.send("{}");
  socket.send({ type: "message", text: "Too much", client_id: "one too many" });
  expect(await socket.next({ code: "too_many_frames" })).not.toHaveProperty("client_id");
  await socket.next({ code: "too_many_frames", client_id: "one too many" });
  for (let count = 0; count < 100 && !socket.isClosed; count++) {
    for (let frame = 0; frame < 20; frame++) socket.send("{}");
    await sleep(5);
  }
  // Frames still in flight when the server closes break the connection, and the code may be lost.
  expect([1008, 1006]).toContain((await socket.closed).code);
});

test("a far too large frame closes the socket", async () => {
  const socket = await openChat(ann, chat);
  socket.send("x".repeat(2_000_000));
  expect((await socket.closed).code).toBe(1009);
});

test("a block in the middle of open sockets: neither person writes, types or is seen any more", async () => {
  const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
  const { data: room } = await ann.supabase.rpc("create_direct_room", { user_id: bob.id }).throwOnError();
  const openAs = async ({ supabase }: User, path: string) =>
    open(`${path}?token=${(await supabase.auth.getSession()).data.session!.access_token}`);
  const messenger = `/messenger/ws/chat/${room!.id}/`;
  const bobs = await openAs(bob, messenger);
  const anns = await openAs(ann, messenger);
  await bobs.next({ type: "user_status", is_online: true });
  anns.send({ type: "typing" });
  await bobs.next({ type: "typing", is_typing: true });
  await bob.supabase.rpc("block_user", { user_id: ann.id }).throwOnError();
  const client_id = crypto.randomUUID();
  anns.send({ type: "message", text: "no", client_id });
  expect(await anns.next({ type: "error", client_id })).toMatchObject({ code: "not_reachable" });
  const socials = await openAs(ann, `/social/messenger/ws/ws/chat/${room!.slug}/`);
  socials.send({ message: "no" });
  expect(await socials.next({ type: "error" })).toMatchObject({ code: "not_reachable" });
  const mini = await openAs(ann, `/mini-chat/ws/chat/${room!.id}/`);
  mini.send({ type: "chat_message", message: "no" });
  expect(await mini.next({ type: "error" })).toMatchObject({ code: "not_reachable" });
  const before = bobs.of("typing").length;
  anns.send({ type: "typing" });
  // The answer to this comes after the typing.
  anns.send({ type: "message", text: "no", client_id: crypto.randomUUID() });
  await expect.poll(() => anns.of("error").length).toBe(2);
  expect(bobs.of("typing").filter(({ is_typing }) => is_typing).length).toBeLessThanOrEqual(before);
  await bobs.next({ type: "user_status", is_online: false });
  const again = await openAs(ann, messenger);
  again.send({ type: "message", text: "no" });
  await again.next({ type: "error" });
  expect(again.of("user_status")).toEqual([]);
});

test("a message that a word rule holds → message_held through every API, and comes when a moderator approves it", async () => {
  const word = `held${crypto.randomUUID().slice(0, 8)}`;
  const sql = database();
  await sql`insert into chat_private.word_rules (pattern, action) values (${word}, 'hold')`;
  await sql`update auth.users set raw_app_meta_data = raw_app_meta_data || '{"parley_role": "moderator"}'
    where id = (select id from chat.profiles where number = ${eve.id})`;
  const [{ slug }] = await sql<[{ slug: string }]>`select slug from chat.rooms where id = ${chat}`;
  const bobs = await openChat(bob, chat);
  const sockets = [
    { socket: await openChat(ann, chat), frame: { type: "message", text: `${word} 1` } },
    { socket: await open(`/mini-chat/ws/chat/${chat}/?token=${ann.access}`), frame: { message: `${word} 2` } },
    {
      socket: await open(`/social/messenger/ws/ws/chat/${slug}/?token=${ann.access}`),
      frame: { message: `${word} 3` },
    },
  ];
  for (const { socket, frame } of sockets) {
    socket.send(frame);
    await socket.next({ code: "message_held" });
  }
  const held = { status: 403, body: { code: "message_held", detail: expect.any(String) } };
  expect(await ann.api.post("/api/messages/", { chat, text: `${word} 4` })).toMatchObject(held);
  const mini = new Caller(ann.access, "mini-chat");
  expect(await mini.post("/api/chat/messages/", { room: chat, content: `${word} 5` })).toMatchObject(held);
  const social = new Caller(ann.access, "social");
  const path = `/messenger/api/chatrooms/${slug}/messages/`;
  expect(await social.post(path, { content: `${word} 6` })).toMatchObject(held);
  const { data } = await client({ token: ann.access }).rpc("send_message", { room_id: chat, content: `${word} 7` });
  expect(data).toMatchObject({ id: null, seq: 0, content: `${word} 7` });

  // A new token says that eve moderates.
  const { access } = (await new Caller().post("/api/auth/refresh/", { refresh: eve.refresh })).body;
  const moderator = client({ token: access });
  const queue = ((await moderator.rpc("report_list", {})).data as { id: number; room_id: number }[])
    .filter(({ room_id }) => room_id === chat);
  expect(queue.length).toBe(7);
  expect(bobs.of("message")).toEqual([]);
  for (const { id } of queue.reverse()) {
    expect((await moderator.rpc("resolve_report", { report_id: id, action: "dismiss" })).error).toBeNull();
  }
  for (const number of [1, 2, 3, 4, 5, 6, 7]) await bobs.next({ type: "message", text: `${word} ${number}` });
  await sql`delete from chat_private.word_rules where pattern = ${word}`;
  await sql.end();
});
