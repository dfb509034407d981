import { beforeAll, expect, test } from "vitest";
import { holder, newConversation, newWriter, say, visitor, type Writer } from "./writer.ts";

let ann: Writer, eve: Writer, conversation: string, message: number;
const SECRET = "Nobody else may read this";

beforeAll(async () => {
  [ann, eve] = await Promise.all([newWriter("ann"), newWriter("eve")]);
  conversation = await newConversation(ann, SECRET);
  message = (await say(ann, conversation, SECRET))[0].id;
});

const ROUTES = [
  ["GET", "/api/auth/user/"],
  ["POST", "/api/auth/logout/"],
  ["PUT", "/api/auth/update-profile/"],
  ["PATCH", "/api/auth/update-profile/"],
  ["POST", "/api/auth/change-password/"],
  ["GET", "/api/chat/conversations/"],
  ["POST", "/api/chat/conversations/"],
  ["GET", "/api/chat/conversations/{c}/"],
  ["PUT", "/api/chat/conversations/{c}/"],
  ["PATCH", "/api/chat/conversations/{c}/"],
  ["DELETE", "/api/chat/conversations/{c}/"],
  ["GET", "/api/chat/conversations/{c}/messages/"],
  ["POST", "/api/chat/conversations/{c}/messages/"],
  ["GET", "/api/chat/messages/"],
  ["GET", "/api/chat/messages/{m}/"],
] as const;

const at = (path: string) => path.replace("{c}", conversation).replace("{m}", `${message}`);

test.each(ROUTES)("%s %s → 401 without a token", async (method, path) => {
  const { status, body, headers } = await visitor.call(method, at(path));
  expect([status, body]).toEqual([401, { detail: "Authentication credentials were not provided." }]);
  expect(headers.get("WWW-Authenticate")).toBe("Bearer");
});

test.each(ROUTES)("%s %s → 401 with a forged token", async (method, path) => {
  const [header, payload] = ann.access.split(".");
  const { status, body } = await holder(`${header}.${payload}.${"A".repeat(43)}`).call(method, at(path));
  expect([status, body.code]).toEqual([401, "token_not_valid"]);
});

test("this list has every route except those that log in", async () => {
  const { body } = await visitor.get("/api/schema/");
  const open = ["registration", "login", "google", "token/refresh"].map((path) => `POST /api/auth/${path}/`);
  const routes = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const known = ROUTES.map(([method, path]) => `${method} ${path.replace(/\{.\}/, "{id}")}`);
  expect(routes.sort()).toEqual([...known, ...open].sort());
});

test.each(
  [
    ["GET", "/api/chat/conversations/{c}/", undefined],
    ["PUT", "/api/chat/conversations/{c}/", { title: "Eve's" }],
    ["PATCH", "/api/chat/conversations/{c}/", { title: "Eve's" }],
    ["PATCH", "/api/chat/conversations/{c}/", {}],
    ["DELETE", "/api/chat/conversations/{c}/", undefined],
    ["GET", "/api/chat/conversations/{c}/messages/", undefined],
    ["POST", "/api/chat/conversations/{c}/messages/", { role: "user", content: "Eve's" }],
    ["GET", "/api/chat/messages/{m}/", undefined],
  ] as const,
)("%s %s of another user's → the response to an unknown one", async (method, path, body) => {
  const code = path.includes("{m}") ? "message_not_found" : "conversation_not_found";
  const missing = path.replace("{c}", crypto.randomUUID()).replace("{m}", "987654321");
  for (const address of [at(path), missing]) {
    const answer = await eve.api.call(method, address, body);
    expect([answer.status, answer.body]).toEqual([404, { detail: "Not found.", code }]);
  }
  const { body: kept } = await ann.api.get(`/api/chat/conversations/${conversation}/`);
  expect([kept.title, kept.messages.length]).toEqual([SECRET, 1]);
});

test("lists do not reveal others' conversations, even by a cursor", async () => {
  const mine = await newConversation(eve, "Mine");
  await say(eve, mine, "Mine");
  const lists = [
    "/api/chat/conversations/",
    `/api/chat/conversations/?before=${conversation}`,
    "/api/chat/messages/",
    `/api/chat/messages/?before=${message + 1}`,
    `/api/chat/messages/?after=${message - 1}`,
    `/api/chat/conversations/${mine}/messages/?after=${message - 1}`,
  ];
  for (const path of lists) {
    const { status, body } = await eve.api.get(path);
    expect([path, status, JSON.stringify(body).includes(SECRET)]).toEqual([path, 200, false]);
  }
});

test("an answer cannot name another user's message, and their client_id is no conflict", async () => {
  const path = `/api/chat/conversations/${await newConversation(eve)}/messages/`;
  const reply = await eve.api.post(path, { role: "assistant", content: "x", reply_to: message });
  expect([reply.status, reply.body.code]).toEqual([404, "message_not_found"]);
  const client_id = crypto.randomUUID();
  const given = { role: "user", content: SECRET, client_id };
  await ann.api.post(`/api/chat/conversations/${conversation}/messages/`, given);
  const { status, body } = await eve.api.post(path, { ...given, content: "Mine" });
  expect([status, body.content]).toEqual([201, "Mine"]);
  await ann.api.delete(`/api/chat/conversations/${conversation}/`);
});

test.each(["nonsense", "5", "%00", "' or true --", "../users"])("GET with the id %s → 404", async (id) => {
  for (const path of ["/api/chat/conversations/", "/api/chat/messages/"]) {
    if (path.endsWith("messages/") && id === "5") continue;
    expect((await ann.api.get(`${path}${encodeURIComponent(id)}/`)).status).toBe(404);
  }
});
