import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChat } from "../../relay/socket.ts";
import { database } from "../../support/clients.ts";
import { newGroup, newPrivate, type Person, send, threePeople } from "../people.ts";

const sql = database();
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const time = expect.stringMatching(TIME);

let ann: Person, bob: Person, eve: Person;
let chat: number;
beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
});
afterAll(() => sql.end());

const memberOf = ({ id, username }: Person) => ({ id, username });

/** A message as it has just been sent to the private chat. */
const sentBy = (sender: Person, reader: Person, text: string) => ({
  id: expect.any(Number),
  chat,
  seq: expect.any(Number),
  version: expect.any(Number),
  sender: sender.id,
  sender_username: sender.username,
  text,
  reply_to: null,
  forwarded_from: null,
  forwarded_from_username: null,
  client_id: null,
  is_edited: false,
  edited_at: null,
  is_deleted: false,
  created_at: time,
  statuses: [
    { user: reader.id, username: reader.username, delivered: false, read: false, delivered_at: null, read_at: null },
  ],
  delivered_count: 0,
  read_count: 0,
  reactions: [],
  attachments: [],
  mentions: [],
  mention_all: false,
});

describe("users", () => {
  test("users/, users/{id}/ and users/me/ show the same user, with the status both nested and at the top", async () => {
    const me = (await ann.api.get("/api/users/me/")).body;
    const status = { is_online: true, last_seen: time };
    const named = { id: ann.id, username: ann.username, email: "", first_name: "", last_name: "" };
    expect(me).toEqual({ ...named, ...status, status });
    expect(me.status.last_seen).toBe(me.last_seen);
    expect((await bob.api.get(`/api/users/${ann.id}/`)).body).toEqual(me);
    expect((await bob.api.get(`/api/users/?after=${ann.id - 1}&limit=1`)).body).toEqual([me]);
    const unseen = { is_online: false, last_seen: null };
    expect((await ann.api.get(`/api/users/${eve.id}/`)).body).toMatchObject({ ...unseen, status: unseen });
  });

  test.each(["999999999", "0", "nobody", "9".repeat(30)])("GET /api/users/%s/ → 404", async (id) => {
    const { status, body } = await ann.api.get(`/api/users/${id}/`);
    expect([status, body.detail]).toEqual([404, "Not found."]);
  });
});

describe("chats", () => {
  test("a chat has the same fields in the list and alone", async () => {
    const [message] = await send(bob, chat, "Hello");
    const shape = {
      id: chat,
      type: "private",
      name: bob.username,
      description: "",
      avatar_url: null,
      members: expect.arrayContaining([ann, bob].map(memberOf)),
      members_count: 2,
      unread_count: 1,
      mention_count: 0,
      last_read_message_id: null,
      last_message: { id: message.id, text: "Hello", created_at: message.created_at },
      last_seq: 1,
      version: expect.any(Number),
      created_at: time,
      posting: "everyone",
      inviting: "admins",
      pinning: "everyone",
      locked_at: null,
      locked_reason: null,
      slow_mode_seconds: 0,
    };
    const alone = (await ann.api.get(`/api/chats/${chat}/`)).body;
    expect(alone).toEqual(shape);
    expect((await ann.api.get("/api/chats/")).body).toEqual([alone]);
  });

  test("POST /api/chats/{id}/read/ → 200 with the read mark, which never moves back", async () => {
    const [one, two] = await send(bob, chat, "One", "Two");
    const read = (body: object) => ann.api.post(`/api/chats/${chat}/read/`, body);
    const state = (message: { id: number; seq: number }, unread_count: number) => ({
      chat,
      last_read_message_id: message.id,
      last_read_seq: message.seq,
      unread_count,
      mention_count: 0,
    });
    expect((await read({ last_read_message_id: one.id })).body).toEqual(state(one, 1));
    expect((await ann.api.get(`/api/chats/${chat}/`)).body.last_read_message_id).toBe(one.id);
    expect((await read({})).body).toEqual(state(two, 0));
    expect((await read({ last_read_message_id: one.id })).body).toEqual(state(two, 0));
    expect((await ann.api.get("/api/chats/")).body[0].last_read_message_id).toBe(two.id);
  });

  test("POST /api/chats/ → 201 with user_id or member_ids in place of members", async () => {
    const made = await ann.api.post("/api/chats/", { type: "private", user_id: eve.id });
    expect([made.status, made.body.name]).toEqual([201, eve.username]);
    const again = await eve.api.post("/api/chats/", { type: "private", user_id: String(ann.id), name: null });
    expect([again.status, again.body.id]).toEqual([200, made.body.id]);
    const group = await ann.api.post("/api/chats/", { type: "group", name: "Tea", member_ids: [bob.id, eve.id] });
    expect([group.status, group.body.members_count]).toEqual([201, 3]);
    const fewer = await ann.api.patch(`/api/chats/${group.body.id}/`, { member_ids: [eve.id] });
    expect(fewer.body.members).toEqual(expect.arrayContaining([ann, eve].map(memberOf)));
    expect(fewer.body.members_count).toBe(2);
    const both = { type: "group", name: "Both", members: [bob.id], member_ids: [eve.id], user_id: ann.id };
    expect((await ann.api.post("/api/chats/", both)).body.members_count).toBe(3);
  });

  test.each([
    [{ type: "private" }, "members"],
    [{ type: "private", user_id: 987654321 }, "user_id"],
    [{ type: "private", user_id: "ann" }, "user_id"],
    [{ type: "group", name: "Tea", member_ids: [987654321] }, "member_ids"],
    [{ type: "group", name: "Tea", member_ids: "ann" }, "member_ids"],
  ])("POST /api/chats/ %j → 400 naming %s", async (body, field) => {
    const { status, body: refusal } = await ann.api.post("/api/chats/", body);
    expect([status, Object.keys(refusal)]).toEqual([400, [field]]);
  });

  test("POST /api/chats/ → 400 to a private chat whose user_id is the caller", async () => {
    const { status, body } = await ann.api.post("/api/chats/", { type: "private", user_id: ann.id });
    expect([status, body]).toEqual([400, { user_id: ["A private chat has exactly two members."] }]);
  });
});

describe("messages", () => {
  test("a message has the same fields in every route that sends or returns it", async () => {
    const path = `/api/chats/${chat}/messages/`;
    const one = await ann.api.post(path, { text: "Here" });
    expect([one.status, one.body]).toEqual([201, sentBy(ann, bob, "Here")]);
    const two = await ann.api.post("/api/messages/", { chat, text: "There" });
    expect([two.status, two.body]).toEqual([201, sentBy(ann, bob, "There")]);
    for (const list of [`${path}?limit=2`, `/api/messages/?chat=${chat}&limit=2`]) {
      const { status, body } = await ann.api.get(list);
      expect([status, body]).toEqual([200, [one.body, two.body]]);
    }
    expect((await ann.api.get(`/api/messages/${two.body.id}/`)).body).toEqual(two.body);
  });

  test("/api/chats/{id}/messages/ pages and refuses as /api/messages/ does", async () => {
    const group = await newGroup(ann, bob);
    await send(ann, group, "1", "2", "3", "4", "5");
    const pages = await bob.api.pages(`/api/chats/${group}/messages/?limit=2`);
    expect(pages.map((page) => page.map(({ text }) => text))).toEqual([["4", "5"], ["2", "3"], ["1"]]);
    for (const path of [`/api/chats/${group}/messages/`, "/api/chats/999999999/messages/"]) {
      expect((await eve.api.get(path)).status).toBe(404);
      expect((await eve.api.post(path, { text: "x" })).status).toBe(404);
    }
    const { status, body } = await ann.api.post(`/api/chats/${group}/messages/`, {});
    expect([status, body]).toEqual([400, { text: ["This field is required."] }]);
    const client_id = crypto.randomUUID();
    const sends = [1, 2].map(() => ann.api.post(`/api/chats/${group}/messages/`, { text: "Once", client_id }));
    expect((await Promise.all(sends)).map(({ status }) => status).sort()).toEqual([200, 201]);
  });

  test("POST with reply_to → 201 naming the question, also on sockets and when forwarding", async () => {
    const socket = await openChat(bob, chat);
    const [question] = await send(bob, chat, "Tea?");
    for (const [path, body] of [["/api/messages/", { chat }], [`/api/chats/${chat}/messages/`, {}]] as const) {
      const { body: reply } = await ann.api.post(path, { ...body, text: "Yes", reply_to: question.id });
      expect(reply).toEqual({ ...sentBy(ann, bob, "Yes"), reply_to: question.id });
      expect(await socket.next({ message_id: reply.id })).toMatchObject({ type: "message", reply_to: question.id });
    }
    const forwarded = { chat, forwarded_from: question.id, reply_to: question.id };
    expect((await ann.api.post("/api/messages/", forwarded)).body).toMatchObject({
      text: "Tea?",
      reply_to: question.id,
      forwarded_from: question.id,
      forwarded_from_username: bob.username,
    });
    const group = await newGroup(ann);
    expect((await ann.api.post("/api/messages/", { chat: group, text: "x", reply_to: question.id })).status).toBe(404);
    const { status, body } = await ann.api.post("/api/messages/", { chat, text: "x", reply_to: "x" });
    expect([status, body]).toEqual([400, { reply_to: ["A valid integer is required."] }]);
  });
});

describe("pins", () => {
  test("POST, GET /api/pinned/ show the same pin; GET {id}/ → 404 to a stranger", async () => {
    const [message] = await send(bob, chat, "Keep this");
    const { status, body: pin } = await ann.api.post("/api/pinned/", { chat, message: message.id });
    expect(status).toBe(201);
    expect(pin).toEqual({
      id: expect.any(Number),
      chat,
      message: { ...sentBy(bob, ann, "Keep this"), statuses: [expect.anything()], delivered_count: expect.any(Number) },
      pinned_by: ann.id,
      pinned_by_username: ann.username,
      pinned_at: time,
    });
    const { body: read } = await bob.api.get(`/api/pinned/${pin.id}/`);
    expect(read).toEqual(pin);
    expect((await bob.api.get(`/api/pinned/?chat=${chat}`)).body).toEqual([read]);
    expect((await eve.api.get(`/api/pinned/${pin.id}/`)).status).toBe(404);
    expect((await bob.api.get("/api/pinned/999999999/")).status).toBe(404);
  });
});
