import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "postgres";
import { open, openChat } from "../relay/socket.ts";
import { database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newPerson, newPrivate, type Person, send } from "./people.ts";

let sql: Sql;
let ann: Person, bob: Person;
let chat: number, room: string, conversation: string, session: string;

beforeAll(async () => {
  sql = database();
  [ann, bob] = [await newPerson("ann"), await newPerson("bob")];
  chat = await newPrivate(ann, bob);
  const messages = await send(ann, chat, "One", "Two", "Three");
  await ann.api.put(`/api/messages/${messages[0].id}/`, { text: "Edited" });
  await ann.api.post("/api/pinned/", { chat, message: messages[1].id });
  room = (await as("social").get("/messenger/api/chatrooms/")).body[0].name;
  await as("social").post("/profiles/api/posts/", { title: "T", content: "C" });
  conversation = (await as("conversations").post("/api/chat/conversations/", {})).body.id;
  session = (await as("chat-sessions").post("/api/v1/chat/sessions/", {})).body.id;
  await as("chat-sessions").post(`/api/v1/chat/sessions/${session}/chats/`, { message: "Hello" });
  await as("conversations").post(`/api/chat/conversations/${conversation}/messages/`, { role: "user", content: "x" });
});
afterAll(() => sql.end());

const as = (api: string) => new Caller(ann.access, api);

/** Sets all times of Ann's things, without an event. */
async function setTimes(time: string): Promise<void> {
  await sql.begin(async (sql) => {
    const mine = sql`(select id from chat.profiles where number = ${ann.id})`;
    await sql`update chat.messages set created_at = ${time}::text::timestamptz, edited_at = case when edited_at is not null then ${time}::text::timestamptz end
      where room_id = ${chat}`;
    await sql`update chat.rooms set created_at = ${time}::text::timestamptz, last_message_at = ${time}::text::timestamptz where id = ${chat}`;
    await sql`update chat.pins set pinned_at = ${time}::text::timestamptz where room_id = ${chat}`;
    await sql`update chat.profiles set created_at = ${time}::text::timestamptz where number = ${ann.id}`;
    await sql`update chat.posts set created_at = ${time}::text::timestamptz where author_id = ${mine}`;
    await sql`update chat.conversations set created_at = ${time}::text::timestamptz, updated_at = ${time}::text::timestamptz where owner_id = ${mine}`;
    await sql`update chat.conversation_messages set created_at = ${time}::text::timestamptz where conversation_id in (${conversation}, ${session})`;
  });
}

/** All texts in a response that look like times. */
function timesIn(value: unknown): string[] {
  if (typeof value === "string") return /^\d{4}-\d\d-\d\d/.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(timesIn) : [];
}

const paths = (): [api: string, path: string][] => [
  ["messenger", `/api/messages/?chat=${chat}`],
  ["messenger", `/api/messages/search/?q=Edited&chat=${chat}`],
  ["messenger", `/api/chats/${chat}/`],
  ["messenger", "/api/chats/"],
  ["messenger", `/api/chats/${chat}/sync/?since=0`],
  ["messenger", `/api/pinned/?chat=${chat}`],
  ["mini-chat", `/api/chat/rooms/${chat}/history/`],
  ["mini-chat", `/api/chat/messages/?room=${chat}`],
  ["mini-chat", "/api/chat/rooms/"],
  ["mini-chat", "/api/auth/profile/"],
  ["social", `/messenger/api/chatrooms/${room}/messages/`],
  ["social", "/profiles/api/profile/"],
  ["conversations", "/api/chat/conversations/"],
  ["conversations", `/api/chat/conversations/${conversation}/`],
  ["conversations", "/api/chat/messages/"],
  ["chat-sessions", "/api/v1/chat/sessions/"],
  ["chat-sessions", `/api/v1/chat/sessions/${session}/`],
  ["chat-sessions", `/api/v1/chat/sessions/${session}/chats/`],
];

describe.each([
  ["2026-01-02 03:04:05.12+00", "2026-01-02T03:04:05.120000Z"],
  ["2026-01-02 03:04:05.000001+00", "2026-01-02T03:04:05.000001Z"],
  ["2026-01-02 03:04:05+00", "2026-01-02T03:04:05Z"],
  ["2026-01-02 03:04:05.5+05:30", "2026-01-01T21:34:05.500000Z"],
])("%s is shown as %s", (stored, shown) => {
  beforeAll(() => setTimes(stored));

  test("by all APIs", async () => {
    for (const [api, path] of paths()) {
      const { status, body } = await as(api).get(path);
      const times = timesIn(body);
      expect([api, path, status, times.filter((time) => time === shown).length > 0]).toEqual([api, path, 200, true]);
      for (const time of times) {
        expect([path, time]).toEqual([path, expect.stringMatching(/T\d\d:\d\d:\d\d(\.\d{6})?Z$/)]);
      }
      expect([path, times.filter((time) => time.endsWith(".000000Z"))]).toEqual([path, []]);
    }
  });

  test("by both sockets", async () => {
    const sockets = [
      await openChat(ann, chat, "&since=0"),
      await open(`/social/messenger/ws/ws/chat/${room}/?token=${ann.access}&since=0`),
    ];
    for (const socket of sockets) {
      await expect.poll(() => timesIn(socket.frames).includes(shown)).toBe(true);
      for (const time of timesIn(socket.frames)) expect(time).toMatch(/T\d\d:\d\d:\d\d(\.\d{6})?Z$/);
      await socket.close();
    }
  });
});
