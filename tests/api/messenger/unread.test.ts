import { beforeEach, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newGroup, newPerson, newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, chat: number;

beforeEach(async () => {
  ({ ann, bob } = await threePeople());
  chat = await newPrivate(ann, bob);
});

const unread = async (person: Person) => (await person.api.get(`/api/chats/${chat}/`)).body.unread_count;
const read = (person: Person, body: unknown, room = chat) => person.api.post(`/api/chats/${room}/read/`, body);

describe("unread counts", () => {
  test("count what others sent, and fall on POST /api/chats/{id}/read/", async () => {
    const messages = await send(ann, chat, "One", "Two", "Three");
    expect([await unread(ann), await unread(bob)]).toEqual([0, 3]);
    const { status, body } = await read(bob, { last_read_message_id: messages[1].id });
    const state = { chat, last_read_message_id: messages[1].id, last_read_seq: 2, unread_count: 1, mention_count: 0 };
    expect([status, body]).toEqual([200, state]);
    expect((await read(bob, {})).body.unread_count).toBe(0);
    expect(await unread(bob)).toBe(0);
  });

  test("do not rise again with an older read mark", async () => {
    const messages = await send(ann, chat, "One", "Two");
    await read(bob, {});
    expect((await read(bob, { last_read_message_id: messages[0].id })).body.unread_count).toBe(0);
  });

  test("do not change when the reader sends a message", async () => {
    const [first] = await send(ann, chat, "One", "Two");
    const [answer] = await send(bob, chat, "Three");
    expect([await unread(ann), await unread(bob)]).toEqual([1, 2]);
    expect((await ann.api.get(`/api/messages/${first.id}/`)).body).toMatchObject({ read_count: 0, delivered_count: 0 });
    expect((await ann.api.get(`/api/messages/${answer.id}/`)).body).toMatchObject({ read_count: 0 });
    const { body } = await read(bob, { last_read_message_id: first.id });
    expect(body).toMatchObject({ chat, last_read_seq: 1, unread_count: 1 });
    expect((await read(bob, {})).body).toMatchObject({ chat, last_read_seq: 3, unread_count: 0 });
  });

  test("fall when a message is deleted, not when it is edited", async () => {
    const [first, second, third] = await send(ann, chat, "One", "Two", "Three");
    await ann.api.put(`/api/messages/${first.id}/`, { text: "Edited" });
    expect(await unread(bob)).toBe(3);
    await ann.api.delete(`/api/messages/${second.id}/`);
    expect(await unread(bob)).toBe(2);
    await ann.api.delete(`/api/messages/${third.id}/`);
    await ann.api.delete(`/api/messages/${third.id}/`);
    expect(await unread(bob)).toBe(1);
  });

  test("→ 400 when the read mark names a message of another chat, or an unknown one", async () => {
    await send(ann, chat, "One");
    const [elsewhere] = await send(ann, await newGroup(ann, bob), "Two");
    for (const id of [elsewhere.id, 987654321]) {
      const { status, body } = await read(bob, { last_read_message_id: id });
      expect([status, Object.keys(body)]).toEqual([400, ["last_read_message_id"]]);
    }
    expect(await unread(bob)).toBe(1);
  });
});

describe("statuses of a message", () => {
  test("show which other members have read it", async () => {
    const [message] = await send(ann, chat, "Read me");
    await read(bob, {});
    const { body } = await ann.api.get(`/api/messages/${message.id}/`);
    expect(body).toMatchObject({ delivered_count: 1, read_count: 1 });
    expect(body.statuses).toMatchObject([{ user: bob.id, delivered: true, read: true, read_at: expect.any(String) }]);
  });

  test("are only counts in a large group, without the sender", async () => {
    const crowd = await Promise.all(Array.from({ length: 21 }, (_, number) => newPerson(`crowd${number}`)));
    const group = await newGroup(ann, ...crowd);
    const [first] = await send(crowd[0]!, group, "Hello, everyone");
    expect(first).toMatchObject({ statuses: [], delivered_count: 0, read_count: 0 });
    for (const reader of crowd.slice(1, 4)) await reader.api.post(`/api/chats/${group}/read/`, {});
    const { body } = await ann.api.get(`/api/messages/?chat=${group}`);
    expect(body).toMatchObject([{ id: first.id, statuses: [], delivered_count: 3, read_count: 3 }]);
    const [second] = await send(ann, group, "Hello");
    expect((await ann.api.get(`/api/messages/${second.id}/`)).body).toMatchObject({ read_count: 0 });
    expect((await ann.api.get(`/api/messages/${first.id}/`)).body).toMatchObject({ read_count: 3 });
    await read(ann, {}, group);
    expect((await ann.api.get(`/api/messages/${first.id}/`)).body).toMatchObject({ read_count: 4 });
    const sql = database();
    await sql`delete from auth.users where id = (select id from chat.profiles where number = ${crowd[0]!.id})`;
    await sql.end();
    expect((await ann.api.get(`/api/messages/${first.id}/`)).body).toMatchObject({ sender: null, read_count: 4 });
  });
});
