import { beforeEach, describe, expect, test } from "vitest";
import { type MiniChatPerson, newGroup, newMiniChatPerson, send, threePeople } from "./people.ts";
import { refusal } from "../../support/refusals.ts";

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
  test("is true for own messages once every member has read, for others' once the caller has", async () => {
    const room = await newGroup(ann, bob, eve);
    await send(ann, room, "One", "Two");
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[false, false], [false, false]]);
    await history(bob, room);
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[false, false], [true, true]]);
    expect(marks(await list(eve, room))).toEqual([false, false]);
    await history(eve, room);
    expect(marks(await list(ann, room))).toEqual([true, true]);
  });

  test("is false for messages sent since", async () => {
    const room = await newGroup(ann, bob);
    await send(ann, room, "One");
    await history(bob, room);
    await send(ann, room, "Two");
    expect([marks(await list(ann, room)), marks(await list(bob, room))]).toEqual([[true, false], [true, false]]);
  });

  test("is not set by replying: a message that was never fetched was never on screen", async () => {
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

  test("is false for a message that no one else can read", async () => {
    const room = await newGroup(ann);
    await send(ann, room, "Hello?");
    expect(marks(await list(ann, room))).toEqual([false]);
  });
});

describe("GET rooms/{id}/history/", () => {
  test("→ 200 with the room and its messages, marking them as read", async () => {
    const room = await newGroup(ann, bob);
    const [message] = await send(ann, room, "Read me");
    const { room: _, user_username: __, ...shown } = message;
    const { status, body } = await bob.api.get(`/api/chat/rooms/${room}/history/`);
    expect([status, body]).toEqual([200, {
      room: (await bob.api.get(`/api/chat/rooms/${room}/`)).body,
      messages: [{ ...shown, is_read: true }],
    }]);
  });

  test("→ 200 without messages in a new room", async () => {
    const room = await newGroup(ann);
    expect(await history(ann, room)).toMatchObject({ room: { id: room }, messages: [] });
  });

  test("marks only the messages that it returns, and never unmarks any", async () => {
    const room = await newGroup(ann, bob);
    const [, second] = await send(ann, room, "One", "Two", "Three");
    await history(bob, room, `?before=${second.id}`);
    expect(marks(await list(bob, room))).toEqual([true, false, false]);
    await history(bob, room);
    await history(bob, room, `?before=${second.id}`);
    expect(marks(await list(bob, room))).toEqual([true, true, true]);
  });

  test("lowers the messenger's unread count; listing messages does not", async () => {
    const room = await newGroup(ann, bob);
    await send(ann, room, "One", "Two");
    const unread = async () => (await bob.messenger.get(`/api/chats/${room}/`)).body.unread_count;
    await list(bob, room);
    expect(await unread()).toBe(2);
    await history(bob, room);
    expect(await unread()).toBe(0);
  });

  test("→ 403 to a user who has not joined a public group", async () => {
    const room = await newGroup(ann);
    await send(ann, room, "Members only");
    for (const path of [`/api/chat/rooms/${room}/history/`, `/api/chat/messages/?room=${room}`]) {
      const { status, body } = await eve.api.get(path);
      expect([status, body]).toEqual([403, refusal("mini-chat", { detail: expect.any(String), code: "not_a_member" })]);
    }
  });

  test("→ 403 to a former member", async () => {
    const carol = await newMiniChatPerson("carol");
    const room = await newGroup(ann, carol);
    await send(ann, room, "Before");
    await carol.api.post(`/api/chat/rooms/${room}/leave/`, {});
    expect((await carol.api.get(`/api/chat/rooms/${room}/history/`)).status).toBe(403);
  });
});
