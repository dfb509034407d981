import { afterAll, describe, expect, test } from "vitest";
import { type MiniChatPerson, newDirect, newGroup, newMiniChatPerson } from "../api/mini-chat/people.ts";
import { database } from "../support/clients.ts";
import { open, openChat, type Socket } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

const openRoom = ({ access }: MiniChatPerson, room: number, query = "") =>
  open(`/mini-chat/ws/chat/${room}/?token=${access}${query}`);

async function annAndBob() {
  const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
  const room = await newDirect(ann, bob);
  const [anns, bobs] = [await openRoom(ann, room), await openRoom(bob, room)];
  return { ann, bob, room, anns, bobs };
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);

describe("ws/chat/<room_id>/", () => {
  test("chat_message → chat_message to everyone, and message_sent to its sender", async () => {
    const { ann, room, anns, bobs } = await annAndBob();
    anns.send({ type: "chat_message", message: "Привет!" });
    const frame = await bobs.next({ type: "chat_message" });
    expect(frame).toEqual({
      type: "chat_message",
      message_id: expect.any(Number),
      message: "Привет!",
      user_id: ann.id,
      username: ann.username,
      timestamp: time,
      is_read: false,
      seq: 1,
      version: expect.any(Number),
      client_id: null,
      attachments: [],
    });
    await expect.poll(() => anns.of("chat_message")).toEqual([frame]);
    await expect.poll(() => anns.of("message_sent")).toEqual([{ ...frame, type: "message_sent" }]);
    expect(bobs.of("message_sent")).toEqual([]);
    const { body } = await ann.api.get(`/api/chat/messages/?room=${room}`);
    expect(body).toMatchObject([{ id: frame.message_id, content: "Привет!", timestamp: frame.timestamp }]);
  });

  test("messages sent by REST, the messenger and other sockets arrive as chat_message", async () => {
    const { ann, bob, room, anns, bobs } = await annAndBob();
    await ann.api.post("/api/chat/messages/", { room, content: "By REST" });
    await bobs.next({ type: "chat_message", message: "By REST" });
    const messenger = await openChat(ann, room);
    messenger.send({ type: "message", text: "By the messenger" });
    await bobs.next({ type: "chat_message", message: "By the messenger" });
    bobs.send({ type: "chat_message", message: "By mini-chat" });
    expect(await messenger.next({ type: "message", text: "By mini-chat" })).toMatchObject({ sender: bob.username });
    await anns.next({ type: "chat_message", message: "By mini-chat" });
  });

  test("a repeated chat_message is answered to its sender only", async () => {
    const { anns, bobs } = await annAndBob();
    const frame = { type: "chat_message", message: "Once", client_id: crypto.randomUUID() };
    anns.send(frame);
    const first = await anns.next({ type: "message_sent" });
    anns.send(frame);
    expect(await anns.next({ type: "message_sent" })).toEqual(first);
    anns.send({ type: "chat_message", message: "After it" });
    await bobs.next({ message: "After it" });
    expect(bobs.of("chat_message").map(({ message }) => message)).toEqual(["Once", "After it"]);
  });

  test("typing → typing_indicator to the others, to and from the messenger as well", async () => {
    const { ann, bob, room, anns, bobs } = await annAndBob();
    const messenger = await openChat(bob, room);
    anns.send({ type: "typing", is_typing: true });
    const frame = { type: "typing_indicator", user_id: ann.id, username: ann.username, is_typing: true };
    expect(await bobs.next({ type: "typing_indicator" })).toEqual(frame);
    expect(await messenger.next({ type: "typing" })).toEqual({ ...frame, type: "typing" });
    anns.send({ type: "typing", is_typing: false });
    expect(await bobs.next({ type: "typing_indicator" })).toEqual({ ...frame, is_typing: false });
    messenger.send({ type: "typing", is_typing: true });
    expect(await anns.next({ type: "typing_indicator" })).toMatchObject({
      user_id: bob.id,
      username: bob.username,
      is_typing: true,
    });
    expect(anns.of("typing_indicator").filter(({ user_id }) => user_id === ann.id)).toEqual([]);
  });

  test("a frame without a type is a message, and typing without is_typing has ended", async () => {
    const { ann, anns, bobs } = await annAndBob();
    anns.send({ message: "Hello", user: "TestUser" });
    await bobs.next({ type: "chat_message", message: "Hello", user_id: ann.id });
    anns.send({ type: "typing", is_typing: true });
    await bobs.next({ type: "typing_indicator", is_typing: true });
    anns.send({ type: "typing", user: "TestUser" });
    await bobs.next({ type: "typing_indicator", is_typing: false });
  });

  test("mark_read → messages_marked_read to everyone, and every message is read", async () => {
    const { ann, bob, room, anns, bobs } = await annAndBob();
    anns.send({ type: "chat_message", message: "Read me" });
    await bobs.next({ message: "Read me" });
    const isRead = async () => (await ann.api.get(`/api/chat/messages/?room=${room}`)).body.at(-1).is_read;
    expect(await isRead()).toBe(false);
    bobs.send({ type: "mark_read" });
    const frame = { type: "messages_marked_read", room_id: room, user_id: bob.id };
    expect(await anns.next({ type: "messages_marked_read" })).toEqual(frame);
    expect(await bobs.next({ type: "messages_marked_read" })).toEqual(frame);
    expect(await isRead()).toBe(true);
    bobs.send({ type: "mark_read" });
    expect(await bobs.next({ type: "messages_marked_read" })).toEqual(frame);
    expect(anns.of("messages_marked_read")).toHaveLength(1);
  });

  test("mark_read is answered in a large room, where no one else receives it", async () => {
    const [ann, ...others] = await Promise.all(
      Array.from({ length: 3 }, (_, number) => newMiniChatPerson(`p${number}`)),
    );
    const room = await newGroup(ann!, ...others);
    await sql`update chat.rooms set member_count = 51 where id = ${room}`;
    const [anns, bobs] = await Promise.all([openRoom(ann!, room), openRoom(others[0]!, room)]);
    anns.send({ type: "chat_message", message: "Read me" });
    await bobs.next({ message: "Read me" });
    bobs.send({ type: "mark_read" });
    await bobs.next({ type: "messages_marked_read", room_id: room, user_id: others[0]!.id });
    expect(anns.of("messages_marked_read")).toEqual([]);
  });

  test("user_status announces who comes and leaves, and who is already there", async () => {
    const { ann, bob, anns, bobs } = await annAndBob();
    const online = { type: "user_status", is_online: true, last_seen: time };
    expect(await anns.next({ type: "user_status", user_id: bob.id })).toEqual({
      ...online,
      user_id: bob.id,
      username: bob.username,
    });
    expect(await bobs.next({ type: "user_status", user_id: ann.id })).toEqual({
      ...online,
      user_id: ann.id,
      username: ann.username,
    });
    await bobs.close();
    await anns.next({ type: "user_status", user_id: bob.id, is_online: false });
  });

  test.each<[string, unknown, string, string]>([
    ["no JSON", "nonsense", "invalid_json", "JSON parse error"],
    ["a list", [], "invalid_json", "A frame is a JSON object."],
    ["no type and no message", {}, "invalid", "message: This field is required."],
    ["null for a type", { type: null }, "unknown_type", "chat_message, typing, mark_read"],
    ["another type", { type: "toString" }, "unknown_type", "chat_message, typing, mark_read"],
    ["no message", { type: "chat_message" }, "invalid", "message: This field is required."],
    ["a blank message", { type: "chat_message", message: "  " }, "invalid", "message: "],
    ["a long message", { type: "chat_message", message: "x".repeat(10_001) }, "invalid", "message: "],
    ["another is_typing", { type: "typing", is_typing: "yes" }, "invalid", "is_typing: "],
  ])("%s → error with a message, and the socket stays open", async (_name, frame, code, text) => {
    const { anns } = await annAndBob();
    anns.send(frame);
    expect(await anns.next({ type: "error" })).toEqual({ type: "error", code, message: expect.stringContaining(text) });
    anns.send({ type: "chat_message", message: "Still here", client_id: null });
    await anns.next({ type: "message_sent" });
  });

  test("an error names the client_id of its frame", async () => {
    const { anns } = await annAndBob();
    const client_id = crypto.randomUUID();
    anns.send({ type: "chat_message", message: "", client_id });
    expect(await anns.next({ type: "error" })).toMatchObject({ code: "invalid", client_id });
  });

  test("?since= brings missed messages in their current form", async () => {
    const { ann, bob, room } = await annAndBob();
    const { version } = (await bob.messenger.get(`/api/chats/${room}/`)).body;
    for (const content of ["One", "Two"]) await ann.api.post("/api/chat/messages/", { room, content });
    const { body: [one] } = await ann.api.get(`/api/chat/messages/?room=${room}`);
    await ann.messenger.put(`/api/messages/${one.id}/`, { text: "First" });
    const again = await openRoom(bob, room, `&since=${version}`);
    await again.next({ message: "First" });
    expect(again.of("chat_message").map(({ message }) => message)).toEqual(["Two", "First"]);
  });

  test("a token may come in an Authorization header or as a subprotocol; without one the socket closes with 4401", async () => {
    const { ann, room } = await annAndBob();
    const eve = await newMiniChatPerson("eve");
    const path = `/mini-chat/ws/chat/${room}/`;
    const sockets: Socket[] = [
      await open(path, { Authorization: `Bearer ${ann.access}` }),
      await open(path, {}, undefined, ["access_token", ann.access]),
    ];
    for (const [number, socket] of sockets.entries()) {
      socket.send({ type: "chat_message", message: `From ${number}` });
      await socket.next({ type: "message_sent" });
    }
    expect(sockets[1]!.web.protocol).toBe("access_token");
    const codeOf = async (address: string) => (await (await open(address)).closed).code;
    expect(await codeOf(path)).toBe(4401);
    expect(await codeOf(`${path}?token=${eve.access}`)).toBe(4403);
    for (const name of ["0", "nonsense", "1e3", "%00", "9".repeat(30)]) {
      expect(await codeOf(`/mini-chat/ws/chat/${name}/?token=${ann.access}`)).toBe(4403);
    }
  });

  test("leaving a group closes the member's sockets", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const room = await newGroup(ann, bob);
    const bobs = await openRoom(bob, room);
    await bob.api.post(`/api/chat/rooms/${room}/leave/`, {});
    expect((await bobs.closed).code).toBe(4403);
  });
});
