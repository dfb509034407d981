import { beforeEach, describe, expect, test } from "vitest";
import { type MiniChatPerson, newGroup, newMiniChatPerson, send, threePeople } from "./people.ts";

let ann: MiniChatPerson, bob: MiniChatPerson, eve: MiniChatPerson;

beforeEach(async () => {
  ({ ann, bob, eve } = await threePeople());
});

const list = async (person: MiniChatPerson, room: number) =>
  (await person.api.get(`/api/chat/messages/?room=${room}`)).body;
const history = async (person: MiniChatPerson, room: number, query = "") =>
  (await person.api.get(`/api/chat/rooms/${room}/history/${query}`)).body;
const marks = (messages: { is_read: boolean }[]) => messages.map(({ is_read }) => is_read);

describe("is_read", () => {
  test("of one's own message waits for every other participant, of another's for oneself", async () => {
    const room = await newGroup(ann, bob, eve);
    await send(ann, room, "One", "Two");
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[false, false], [false, false]]);
    await history(bob, room);
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[false, false], [true, true]]);
    expect(marks(await list(eve, room))).toEqual([false, false]);
    await history(eve, room);
    expect(marks(await list(ann, room))).toEqual([true, true]);
  });

  test("of what was sent since is not yet so", async () => {
    const room = await newGroup(ann, bob);
    await send(ann, room, "One");
    await history(bob, room);
    await send(ann, room, "Two");
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[true, false], [true, false]]);
  });

  test("is not so by answering: what was never fetched was never on a screen", async () => {
    const room = await newGroup(ann, bob);
    await send(ann, room, "Question");
    await send(bob, room, "Answer");
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[false, false], [false, false]]);
    await bob.api.get(`/api/chat/rooms/${room}/history/`);
    await send(bob, room, "Answer again");
    expect([marks(await list(ann, room)), marks(await list(bob, room))])
      .toEqual([[true, false, false], [true, false, false]]);
    await ann.api.get(`/api/chat/rooms/${room}/history/`);
    expect(marks(await list(bob, room))).toEqual([true, true, true]);
  });

  test("of a message that nobody else could read is not so", async () => {
    const room = await newGroup(ann);
    await send(ann, room, "Hello?");
    expect(marks(await list(ann, room))).toEqual([false]);
  });
});

describe("the history", () => {
  test("is the room with its messages, which reading it marks as read", async () => {
    const room = await newGroup(ann, bob);
    const [message] = await send(ann, room, "Read me");
    const { room: _, user_username: __, ...shown } = message;
    const { status, body } = await bob.api.get(`/api/chat/rooms/${room}/history/`);
    expect([status, body]).toEqual([200, {
      room: (await bob.api.get(`/api/chat/rooms/${room}/`)).body,
      messages: [{ ...shown, is_read: true }],
    }]);
  });

  test("of a new room has no messages", async () => {
    const room = await newGroup(ann);
    expect(await history(ann, room)).toMatchObject({ room: { id: room }, messages: [] });
  });

  test("marks no more than what it shows, and never unmarks", async () => {
    const room = await newGroup(ann, bob);
    const [, second] = await send(ann, room, "One", "Two", "Three");
    await history(bob, room, `?before=${second.id}`);
    expect(marks(await list(bob, room))).toEqual([true, false, false]);
    await history(bob, room);
    await history(bob, room, `?before=${second.id}`);
    expect(marks(await list(bob, room))).toEqual([true, true, true]);
  });

  test("counts for the messenger's unread messages, too; listing messages does not", async () => {
    const room = await newGroup(ann, bob);
    await send(ann, room, "One", "Two");
    const unread = async () => (await bob.messenger.get(`/api/chats/${room}/`)).body.unread_count;
    await list(bob, room);
    expect(await unread()).toBe(2);
    await history(bob, room);
    expect(await unread()).toBe(0);
  });

  test("of a public group is for those who have joined", async () => {
    const room = await newGroup(ann);
    await send(ann, room, "Members only");
    for (const path of [`/api/chat/rooms/${room}/history/`, `/api/chat/messages/?room=${room}`]) {
      const { status, body } = await eve.api.get(path);
      expect([status, body]).toEqual([403, { detail: expect.any(String), code: "not_a_member" }]);
    }
  });

  test("of a room that one has left is closed again", async () => {
    const carol = await newMiniChatPerson("carol");
    const room = await newGroup(ann, carol);
    await send(ann, room, "Before");
    await carol.api.post(`/api/chat/rooms/${room}/leave/`, {});
    expect((await carol.api.get(`/api/chat/rooms/${room}/history/`)).status).toBe(403);
  });
});
