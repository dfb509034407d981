import { decodeJwt } from "jose";
import type { Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { open } from "../relay/socket.ts";
import { fillBuckets, leaveTokens } from "../support/buckets.ts";
import { appClient, type Client, client, database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newGroup, newPerson, newPrivate, type Person } from "./people.ts";

const status = inject("status");
let sql: Sql;
let ann: Person, bob: Person;
let annId: string;
let supabase: Client;
let chat: number, direct: number, slug: string, conversation: string, session: string, message: number;
const on = (api: string, { access }: Person = ann) => new Caller(access, api);

beforeAll(async () => {
  sql = database();
  [ann, bob] = await Promise.all([newPerson("ann"), newPerson("bob")]);
  annId = decodeJwt(ann.access).sub!;
  supabase = client({ token: ann.access });
  chat = await newGroup(ann, bob);
  direct = await newPrivate(ann, bob);
  slug = (await on("social").get("/messenger/api/chatrooms/")).body.at(-1).name;
  conversation = (await on("conversations").post("/api/chat/conversations/", {})).body.id;
  session = (await on("chat-sessions").post("/api/v1/chat/sessions/", {})).body.id;
  message = (await ann.api.post("/api/messages/", { chat, text: "first" })).body.id;
});
beforeEach(() => fillBuckets(sql, annId));
afterAll(() => sql.end());

const leave = (action: string, tokens: number) => leaveTokens(sql, annId, action, tokens);

/** Opens ann's socket of each API, and sends by each the text of a frame. */
async function sockets() {
  const [messenger, miniChat, social] = await Promise.all([
    open(`/messenger/ws/chat/${chat}/?token=${ann.access}`),
    open(`/mini-chat/ws/chat/${chat}/?token=${ann.access}`),
    open(`/social/messenger/ws/ws/chat/${slug}/?token=${ann.access}`),
  ]);
  return [
    { socket: messenger, frame: (text: string) => ({ type: "message", text }) },
    { socket: miniChat, frame: (text: string) => ({ type: "chat_message", message: text }) },
    { socket: social, frame: (text: string) => ({ message: text }) },
  ];
}

test("of messages sent at once through every door exactly as many arrive as there are tokens", async () => {
  const doors: ((text: string) => Promise<{ status: number }>)[] = [
    async (content) => await supabase.from("messages").insert({ room_id: chat, content }),
    async (content) => await supabase.rpc("send_message", { room_id: direct, content }),
    (text) => ann.api.post("/api/messages/", { chat, text }),
    (content) => on("mini-chat").post("/api/chat/messages/", { room: chat, content }),
    (content) => on("social").post(`/messenger/api/chatrooms/${slug}/messages/`, { content }),
  ];
  const [each, tokens] = [8, 17];
  const opened = await sockets();
  await leave("send_message", tokens);
  const texts = Array.from({ length: each }, (_, index) => `at once ${index}`);
  const sent = doors.flatMap((send) => texts.map(send));
  for (const { socket, frame } of opened) for (const text of texts) socket.send(frame(text));

  const ofBob = await Promise.all(texts.map((text) => bob.api.post("/api/messages/", { chat, text })));
  expect(ofBob.map(({ status }) => status), "nobody else is refused").toEqual(texts.map(() => 201));
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  const refused = () => [
    ...statuses.filter((status) => status === 429),
    ...opened.flatMap(({ socket }) => socket.of("error")),
  ];
  await expect.poll(() => refused().length).toBe(each * (doors.length + opened.length) - tokens);
  expect(statuses.filter((status) => status !== 429 && status !== 200 && status !== 201)).toEqual([]);
  const stored = await sql`select from chat.messages where sender_id = ${annId} and content like 'at once %'`;
  expect(stored).toHaveLength(tokens);
  await Promise.all(opened.map(({ socket }) => socket.close()));
});

test("an error frame says when to try again", async () => {
  await leave("send_message", -100);
  for (const { socket, frame } of await sockets()) {
    socket.send({ ...frame("refused"), client_id: crypto.randomUUID() });
    const { detail, message: text, retry_after, ...error } = await socket.next({ type: "error" });
    expect([retry_after, detail ?? text]).toEqual([6, "You have done this too often. Try again in 6 seconds."]);
    expect(error).toEqual({ type: "error", code: "rate_limited", client_id: expect.any(String) });
    await socket.close();
  }
});

test("the Data API → 429 with Retry-After, for rows and for functions", async () => {
  await leave("send_message", -100);
  const headers = {
    apikey: status.publishable_key,
    Authorization: `Bearer ${ann.access}`,
    "Content-Type": "application/json",
    "Content-Profile": "chat",
  };
  for (const path of ["messages", "rpc/send_message"]) {
    const body = JSON.stringify({ room_id: chat, content: "refused" });
    const response = await fetch(`${status.api_url}/rest/v1/${path}`, { method: "POST", headers, body });
    expect([response.status, response.headers.get("Retry-After"), await response.json()]).toEqual([429, "6", {
      code: "PT429",
      message: "rate_limited",
      details: "You have done this too often. Try again in 6 seconds.",
      hint: '{"action" : "send_message", "limit" : 5000, "window" : 250, "retry_after" : 6}',
    }]);
  }
});

type Case = [action: string, api: string, method: string, path: () => string, body?: () => object];
const CASES: Case[] = [
  ["send_message", "messenger", "POST", () => "/api/messages/", () => ({ chat, text: "refused" })],
  ["send_message", "mini-chat", "POST", () => "/api/chat/messages/", () => ({ room: chat, content: "refused" })],
  [
    "send_message",
    "social",
    "POST",
    () => `/messenger/api/chatrooms/${slug}/messages/`,
    () => ({ content: "refused" }),
  ],
  ["send_message", "conversations", "POST", () => `/api/chat/conversations/${conversation}/messages/`, () => ({
    role: "user",
    content: "refused",
  })],
  [
    "ask_assistant",
    "chat-sessions",
    "POST",
    () => `/api/v1/chat/sessions/${session}/chats/`,
    () => ({ message: "Why?" }),
  ],
  ["edit_message", "messenger", "PATCH", () => `/api/messages/${message}/`, () => ({ text: "refused" })],
  ["react", "messenger", "POST", () => `/api/messages/${message}/reactions/`, () => ({ emoji: "👍" })],
  ["upload_file", "messenger", "POST", () => "/api/uploads/", () => {
    const form = new FormData();
    form.set("chat", String(chat));
    form.set("file", new File(["12345"], "a.png", { type: "image/png" }));
    return form;
  }],
  ["create_group", "messenger", "POST", () => "/api/chats/", () => ({ type: "group", name: "refused", members: [] })],
  ["add_member", "messenger", "POST", () => "/api/chats/", () => ({ type: "group", name: "x", members: [bob.id] })],
  ["search", "messenger", "GET", () => "/api/messages/search/?q=first"],
  ["write_post", "social", "POST", () => "/profiles/api/posts/", () => ({ title: "refused", content: "refused" })],
];

test.each(CASES)(
  "too often: %s in %s, %s → 429 with Retry-After and RateLimit",
  async (action, api, method, path, body) => {
    const seconds = 50;
    const [rate] = await sql<{ per_second: number; limit: number; window: number }[]>`
    select per_second, capacity as limit, ceil(capacity / per_second) as window from chat_private.limits where action = ${action}`;
    const { per_second, limit, window } = rate!;
    await leave(action, 1 - per_second * seconds);
    const { status, headers, body: refusal } = await on(api).call(method, path(), body?.());
    const [named, wait] = [JSON.stringify(action), Number(headers.get("Retry-After"))];
    expect([status, refusal]).toMatchObject([429, {
      detail: `You have done this too often. Try again in ${wait} seconds.`,
      code: "rate_limited",
    }]);
    expect(headers.get("RateLimit-Policy")).toBe(`${named};q=${limit};w=${window}`);
    expect(headers.get("RateLimit")).toBe(`${named};r=0;t=${wait}`);
    expect(wait).toBeGreaterThanOrEqual(seconds - 1);
    expect(headers.get("Access-Control-Expose-Headers")).toContain("RateLimit,RateLimit-Policy,Retry-After");
    await fillBuckets(sql, annId);
    expect((await on(api).call(method, path(), body?.())).status).toBeLessThan(300);
  },
);

test("a message that comes too soon for a slow group → 429 slow_mode with Retry-After", async () => {
  const slow = await newGroup(bob, ann);
  const keep = (slow_mode_seconds: number) => bob.api.put(`/api/chats/${slow}/`, { slow_mode_seconds });
  expect((await keep(21_601)).status).toBe(400);
  expect((await keep(600)).body.slow_mode_seconds).toBe(600);
  const say = (text: string) => ann.api.post("/api/messages/", { chat: slow, text });
  expect((await say("first")).status).toBe(201);
  const { status, body, headers } = await say("second");
  expect([status, body.code, Number(headers.get("Retry-After")) > 590]).toEqual([429, "slow_mode", true]);
  const socket = await open(`/messenger/ws/chat/${slow}/?token=${ann.access}`);
  socket.send({ type: "message", text: "third" });
  expect(await socket.next({ type: "error" })).toMatchObject({ code: "slow_mode", retry_after: expect.any(Number) });
  await socket.close();
});

test("a file that was not announced because of the limit cannot be uploaded", async () => {
  await leave("upload_file", 1);
  const wanted = { room_id: chat, name: "a.png", mime_type: "image/png", bytes: 5 };
  const upload = (path: string) =>
    appClient({ token: ann.access }).storage.from("chat-files").upload(
      path,
      new Blob(["12345"], { type: "image/png" }),
    );
  const { data } = await supabase.rpc("begin_upload", wanted);
  expect((await upload(data!.path)).error).toBe(null);
  const refused = await supabase.rpc("begin_upload", { ...wanted, client_id: crypto.randomUUID() });
  expect([refused.status, refused.error?.message]).toEqual([429, "rate_limited"]);
  expect((await upload(`${chat}/${crypto.randomUUID()}`)).error?.message).toMatch(/policy/);
});
