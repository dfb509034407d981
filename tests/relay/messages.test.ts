import { expect, test } from "vitest";
import { newGroup, newPrivate, send, threePeople } from "../api/people.ts";
import { openChat } from "./socket.ts";

test("a message reaches every member as documented, in the same form as its sender", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  const client_id = crypto.randomUUID();
  anns.send({ type: "message", text: "Привет!", client_id });
  const frame = await bobs.next({ type: "message" });
  expect(frame).toEqual({
    type: "message",
    message_id: expect.any(Number),
    text: "Привет!",
    sender: ann.username,
    sender_id: ann.id,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    seq: 1,
    version: expect.any(Number),
    client_id,
    reply_to: null,
    forwarded: false,
    forwarded_from: null,
    forwarded_from_id: null,
    attachments: [],
    mentions: [],
    mention_all: false,
  });
  expect(await anns.next({ type: "message" })).toEqual(frame);
  const stored = (await bob.api.get(`/api/messages/${frame.message_id}/`)).body;
  expect(stored).toMatchObject({ text: "Привет!", created_at: frame.created_at, version: frame.version });
});

test("messages sent by REST arrive on sockets, and the other way round", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const socket = await openChat(bob, chat);
  const [sent] = await send(ann, chat, "Over REST");
  expect(await socket.next({ type: "message" })).toMatchObject({ message_id: sent.id, text: "Over REST" });
  socket.send({ type: "message", text: "Over a socket" });
  await socket.next({ text: "Over a socket" });
  const { body } = await ann.api.get(`/api/messages/?chat=${chat}`);
  expect(body.map((message: { text: string }) => message.text)).toEqual(["Over REST", "Over a socket"]);
});

test("a repeated send is answered to its sender, and announces nothing", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  const frame = { type: "message", text: "Once", client_id: crypto.randomUUID() };
  anns.send(frame);
  const first = await anns.next({ type: "message" });
  anns.send(frame);
  expect(await anns.next({ type: "message" })).toEqual(first);
  anns.send({ type: "message", text: "Then" });
  await bobs.next({ text: "Then" });
  expect(bobs.of("message").map(({ text }) => text)).toEqual(["Once", "Then"]);
});

test("edits and deletions are announced once, under the old backend's names, whichever name requested them", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  for (const [edit, deletion] of [["edit", "delete"], ["message_edit", "message_delete"]]) {
    anns.send({ type: "message", text: "One" });
    const message = await anns.next({ type: "message" });
    const { message_id, seq } = message;
    anns.send({ type: edit, message_id, text: "Two" });
    const edited = await bobs.next({ message_id, text: "Two" });
    const later = { version: expect.any(Number), edited_at: expect.any(String) };
    expect(edited).toEqual({ ...message, type: "message_edit", text: "Two", ...later });
    anns.send({ type: deletion, message_id });
    const deleted = { type: "message_delete", message_id, seq, version: edited.version + 1 };
    expect(await bobs.next({ version: edited.version + 1 })).toEqual(deleted);
  }
  const ofMessages = ({ message_id }: { message_id?: number }) => message_id !== undefined;
  const once = ["message", "message_edit", "message_delete"];
  expect(bobs.frames.filter(ofMessages).map(({ type }) => type)).toEqual([...once, ...once]);
  await bob.api.post("/api/pinned/", { chat, message: (await send(ann, chat, "Three"))[0].id });
  expect(await anns.next({ type: "change" })).toMatchObject({ event: "message.pinned" });
});

test("a reply names the message it replies to, which must be in the same chat", async () => {
  const { ann, bob } = await threePeople();
  const [chat, other] = await Promise.all([newPrivate(ann, bob), newGroup(ann)]);
  const [[message], [elsewhere]] = [await send(bob, chat, "Tea?"), await send(ann, other, "Elsewhere")];
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  anns.send({ type: "message", text: "Yes", reply_to: message.id });
  expect(await bobs.next({ text: "Yes" })).toMatchObject({ type: "message", reply_to: message.id, forwarded: false });
  anns.send({ type: "message", text: "No", reply_to: elsewhere.id });
  expect(await anns.next({ type: "error" })).toMatchObject({ code: "message_not_found" });
});

test("a forwarded message arrives in the other chat", async () => {
  const { ann, bob, eve } = await threePeople();
  const [from, to] = await Promise.all([newPrivate(ann, bob), newGroup(ann, eve)]);
  const [anns, eves] = await Promise.all([openChat(ann, from), openChat(eve, to)]);
  anns.send({ type: "message", text: "Pass it on" });
  const { message_id } = await anns.next({ type: "message" });
  anns.send({ type: "forward", message_id, target_chat_id: to });
  expect(await eves.next({ type: "message" })).toMatchObject({
    text: "Pass it on",
    forwarded: true,
    forwarded_from: ann.username,
    forwarded_from_id: message_id,
  });
});

test("a read mark names the reader and the message by number", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [one, two] = await send(ann, chat, "One", "Two");
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  bobs.send({ type: "read", last_read_message_id: one.id });
  expect(await anns.next({ type: "read" })).toEqual({ type: "read", user_id: bob.id, last_read_message_id: one.id });
  await bob.api.post(`/api/chats/${chat}/read/`, {});
  expect(await anns.next({ type: "read" })).toEqual({ type: "read", user_id: bob.id, last_read_message_id: two.id });
  expect((await bob.api.get(`/api/chats/${chat}/`)).body.unread_count).toBe(0);
});

test("typing reaches the others, not its sender", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  anns.send({ type: "typing", is_typing: true });
  const typing = { type: "typing", user_id: ann.id, username: ann.username, is_typing: true };
  expect(await bobs.next({ type: "typing" })).toEqual(typing);
  anns.send({ type: "message", text: "Done" });
  await anns.next({ type: "message" });
  expect(anns.of("typing")).toEqual([]);
});
