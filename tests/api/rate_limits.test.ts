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

test("of 1,000 messages sent at once through every door exactly as many arrive as the bucket allows", {
  timeout: 180_000,
}, async () => {
  const doors: ((text: string) => Promise<{ status: number; name?: string }>)[] = [
    async (content) => ofDataApi(await supabase.from("messages").insert({ room_id: chat, content })),
    async (content) => ofDataApi(await supabase.rpc("send_message", { room_id: direct, content })),
    (text) => post("messenger", "/api/messages/", { chat, text }),
    (content) => post("mini-chat", "/api/chat/messages/", { room: chat, content }),
    (content) => post("social", `/messenger/api/chatrooms/${slug}/messages/`, { content }),
    (content) => post("conversations", `/api/chat/conversations/${conversation}/messages/`, { role: "user", content }),
  ];
  const ofDataApi = ({ status, error }: { status: number; error: { message: string } | null }) => (
    { status, name: error?.message }
  );
  const post = async (api: string, path: string, sent: object) => {
    const { status, body } = await on(api).post(path, sent);
    return { status, name: body.code };
  };
  const opened = await sockets();
  const [loops, perLoop, frames] = [15, 9, 33];
  const sent = doors.length * loops * perLoop + opened.length * frames;

  // The bucket fills while it is drawn from.
  const bucket = async () => {
    const [row] = await sql<[{ tokens: number; filled_at: number }]>`
      select tokens, extract(epoch from filled_at)::float8 as filled_at from chat_private.buckets
      where person_id = ${annId} and action = 'send_message'`;
    return row;
  };
  await sql`
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    values (${annId}, 'send_message', 100, clock_timestamp())`;
  const before = await bucket();
  const answers: { status: number; name?: string }[] = [];
  const sendMany = async (send: (typeof doors)[number]) => {
    for (let index = 0; index < perLoop; index++) answers.push(await send(`at once ${index}`));
  };
  let isOver = false;
  const flood = Promise.all(doors.flatMap((send) => Array.from({ length: loops }, () => sendMany(send))))
    .finally(() => isOver = true);
  for (let index = 0; index < frames; index++) {
    for (const { socket, frame } of opened) socket.send(frame(`at once ${index}`));
  }
  const ofBob: number[] = [];
  for (const bobs = client({ token: bob.access }); !isOver;) {
    const content = "of bob";
    ofBob.push((await bob.api.post("/api/messages/", { chat, text: content })).status);
    ofBob.push((await on("mini-chat", bob).post("/api/chat/messages/", { room: chat, content })).status);
    ofBob.push((await bobs.from("messages").insert({ room_id: chat, content })).status);
  }
  await flood;

  const refused = () => [
    ...answers.filter(({ status }) => status >= 300).map(({ status, name }) => `${status} ${name}`),
    ...opened.flatMap(({ socket }) => socket.of("error").map(({ code }) => `429 ${code}`)),
  ];
  const arrived = async () => {
    const [{ count }] = await sql<[{ count: number }]>`
      select (select count(*)::integer from chat.messages where sender_id = ${annId} and content like 'at once %')
        + (select count(*)::integer from chat.conversation_messages where conversation_id = ${conversation}) as count`;
    return count;
  };
  // On a busy machine a request of such a flood may wait too long for its turn, and one may be answered 503 although it is sent.
  await expect.poll(async () => refused().length + await arrived()).toBeGreaterThanOrEqual(sent);
  expect(refused().filter((refusal) => refusal !== "429 rate_limited" && !/^(429 throttled|503 )/.test(refusal)))
    .toEqual([]);
  expect(refused()).toContain("429 rate_limited");
  const [after, [{ per_second }]] = await Promise.all([
    bucket(),
    sql<[{ per_second: number }]>`select per_second from chat_private.limits where action = 'send_message'`,
  ]);
  const allowed = before.tokens + per_second * (after.filled_at - before.filled_at);
  expect(await arrived()).toBeCloseTo(allowed - after.tokens, 2);
  expect(after.tokens).toBeGreaterThanOrEqual(0);
  expect(ofBob.filter((status) => status !== 201), "nobody else is refused").toEqual([]);
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

const PICTURE = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
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
  ["upload_picture", "mini-chat", "PATCH", () => "/api/auth/profile/", () => {
    const form = new FormData();
    form.set("avatar", new File([PICTURE], "a.png"));
    return form;
  }],
  ["change_profile", "mini-chat", "PATCH", () => "/api/auth/profile/", () => ({ first_name: crypto.randomUUID() })],
  ["change_room", "messenger", "PATCH", () => `/api/chats/${chat}/`, () => ({ description: crypto.randomUUID() })],
  ["start_conversation", "conversations", "POST", () => "/api/chat/conversations/", () => ({})],
  ["pin", "messenger", "POST", () => "/api/pinned/", () => ({ chat, message })],
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

test.each<[string, string, string, () => string, () => object]>([
  ["send_message", "messenger", "/api/messages/", () => "", () => ({ chat, text: "sent" })],
  ["send_message", "mini-chat", "/api/chat/messages/", () => "", () => ({ room: chat, content: "sent" })],
  ["send_message", "social", "/messenger/api/chatrooms/", () => `${slug}/messages/`, () => ({ content: "sent" })],
  ["send_message", "conversations", "/api/chat/conversations/", () => `${conversation}/messages/`, () => ({
    role: "user",
    content: "sent",
  })],
  ["ask_assistant", "chat-sessions", "/api/v1/chat/sessions/", () => `${session}/chats/`, () => ({ message: "Why?" })],
])("a send says how many are left: %s in %s → RateLimit", async (action, api, path, rest, body) => {
  await leave(action, 5);
  const [{ q, w, t }] = await sql<[{ q: number; w: number; t: number }]>`
    select capacity as q, ceil(capacity / per_second) as w, ceil((capacity - 4) / per_second) as t
    from chat_private.limits where action = ${action}`;
  const { status, headers } = await on(api).post(`${path}${rest()}`, body());
  expect([status, headers.get("RateLimit-Policy"), headers.get("RateLimit")])
    .toEqual([201, `"${action}";q=${q};w=${w}`, `"${action}";r=4;t=${t}`]);
});

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
