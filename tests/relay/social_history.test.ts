import { afterAll, expect, test } from "vitest";
import { newSocialPerson, openRoom, type SocialPerson } from "../api/social/people.ts";
import { database } from "../support/clients.ts";
import { open } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

const openNewest = ({ access }: SocialPerson, name: string, query = "") =>
  open(`/social/ws/chat/${encodeURIComponent(name)}/?token=${access}${query}`);

async function annAndBob() {
  const [ann, bob] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob")]);
  return { ann, bob, room: await openRoom(ann, bob) };
}

/** Messages as an import stores them, numbered from 1. */
const fill = (room: number, content: string, count: number) =>
  sql.begin(async (sql) => {
    await sql`
      insert into chat.messages (room_id, seq, version, sender_id, content, created_at)
      select ${room}, number, 100 + number, (select user_id from chat.room_members where room_id = ${room} limit 1),
        ${content} || number, now() - interval '1 day' + number * interval '1 second'
      from generate_series(1, ${count}::integer) as number`;
    await sql`update chat.rooms set last_seq = ${count}, version = 100 + ${count} where id = ${room}`;
  });

test("the first frame has the earlier messages, oldest first; new ones follow", async () => {
  const { ann, bob, room } = await annAndBob();
  const path = `/messenger/api/chatrooms/${room.name}/messages/`;
  for (const content of ["One", "Two", "Three"]) await ann.social.post(path, { content });
  const { body: listed } = await bob.social.get(path);
  await ann.api.delete(`/api/messages/${listed[1].id}/`);
  const socket = await openNewest(bob, room.name);
  const history = await socket.next({ type: "message_history" });
  expect(history).toEqual({ type: "message_history", messages: [listed[0], listed[2]] });
  expect(history.messages[0]).toMatchObject({
    id: listed[0].id,
    user: ann.username,
    content: "One",
    timestamp: listed[0].timestamp,
  });
  socket.send({ message: "Four" });
  const four = await socket.next({ content: "Four" });
  expect(four).toMatchObject({ user: bob.username, id: expect.any(Number), timestamp: expect.any(String) });
  expect(socket.frames).toEqual([history, four]);
});

test("a room without messages begins with an empty history, and the documented path without one", async () => {
  const { ann, room } = await annAndBob();
  const socket = await openNewest(ann, room.name);
  expect(await socket.next({ type: "message_history" })).toEqual({ type: "message_history", messages: [] });
  const documented = await open(`/social/messenger/ws/ws/chat/${room.name}/?token=${ann.access}`);
  documented.send({ message: "Hello" });
  await documented.next({ content: "Hello" });
  expect(documented.frames).toHaveLength(1);
  expect(documented.of("message_history")).toEqual([]);
});

test("messages that arrive while a socket opens are in the history or after it, once", async () => {
  const { ann, bob, room } = await annAndBob();
  const path = `/messenger/api/chatrooms/${room.name}/messages/`;
  const texts = Array.from({ length: 40 }, (_, number) => `Number ${number}`);
  const sending = (async () => {
    for (const content of texts) await ann.social.post(path, { content });
  })();
  const sockets = [];
  for (let count = 0; count < 8; count++) sockets.push(await openNewest(bob, room.name));
  await sending;
  for (const socket of sockets) {
    const seen = () =>
      socket.frames.flatMap(({ messages, content }) =>
        messages ? messages.map((one: { content: string }) => one.content) : [content]
      );
    await expect.poll(() => seen().length).toBe(texts.length);
    expect(seen()).toEqual(texts);
    expect(socket.frames[0].type).toBe("message_history");
  }
});

test("a long history is its newest 1,000 messages, or 1 MiB of text as sent", async () => {
  const [short, long] = await Promise.all([annAndBob(), annAndBob()]);
  await Promise.all([fill(short.room.id, "Text ", 1100), fill(long.room.id, "\u0001".repeat(9000), 100)]);
  const newest = await (await openNewest(short.bob, short.room.name)).next({ type: "message_history" });
  expect(newest.messages.map(({ content }: { content: string }) => content)).toEqual(
    Array.from({ length: 1000 }, (_, index) => `Text ${101 + index}`),
  );
  const socket = await openNewest(long.bob, long.room.name);
  const { messages } = await socket.next({ type: "message_history" });
  const size = new TextEncoder().encode(JSON.stringify(messages)).length;
  expect(size).toBeLessThan(1.2 * 1024 * 1024);
  expect(size).toBeGreaterThan(0.9 * 1024 * 1024);
  expect(messages.at(-1).seq).toBe(100);
  expect(socket.isClosed).toBe(false);
});

test("with ?since= a client is sent only what it missed", async () => {
  const { ann, bob, room } = await annAndBob();
  const path = `/messenger/api/chatrooms/${room.name}/messages/`;
  const { body } = await ann.social.post(path, { content: "Known" });
  await ann.social.post(path, { content: "Missed" });
  const socket = await openNewest(bob, room.name, `&since=${body.version}`);
  await socket.next({ content: "Missed" });
  expect(socket.frames).toHaveLength(1);
});

test("strangers and bad tokens are sent no history", async () => {
  const { room } = await annAndBob();
  const eve = await newSocialPerson("eve");
  for (const [access, code] of [[eve.access, 4403], ["nonsense", 4401]] as const) {
    const socket = await openNewest({ ...eve, access }, room.name);
    expect((await socket.closed).code).toBe(code);
    expect(socket.frames).toEqual([]);
  }
});

test("a token may also come in an Authorization header or as a subprotocol", async () => {
  const { ann, room } = await annAndBob();
  const path = `/social/ws/chat/${room.name}/`;
  for (
    const headers of [
      { Authorization: `Bearer ${ann.access}` },
      { "Sec-WebSocket-Protocol": `bearer, ${ann.access}` },
      { "Sec-WebSocket-Protocol": ann.access },
    ] as Record<string, string>[]
  ) {
    const protocols = headers["Sec-WebSocket-Protocol"]?.split(", ");
    const socket = await open(path, protocols ? {} : headers, undefined, protocols);
    await socket.next({ type: "message_history" });
    expect(socket.web.protocol).toBe(protocols?.[0] ?? "");
  }
});
