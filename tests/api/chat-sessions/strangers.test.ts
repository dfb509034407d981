import { beforeAll, expect, test } from "vitest";
import { ask, type Asker, holder, newAsker, newSession, SESSIONS, visitor } from "./asker.ts";

let ann: Asker, eve: Asker, session: string, chat: number;
const SECRET = "Nobody else may read this";

beforeAll(async () => {
  [ann, eve] = await Promise.all([newAsker("ann"), newAsker("eve")]);
  session = await newSession(ann, SECRET);
  chat = (await ask(ann, session, SECRET))[0].id;
});

const ROUTES = [
  ["POST", "/api/v1/auth/logout/"],
  ["GET", "/api/v1/auth/profile/"],
  ["GET", "/api/v1/chat/sessions/"],
  ["POST", "/api/v1/chat/sessions/"],
  ["GET", "/api/v1/chat/sessions/{id}/"],
  ["PUT", "/api/v1/chat/sessions/{id}/"],
  ["PATCH", "/api/v1/chat/sessions/{id}/"],
  ["DELETE", "/api/v1/chat/sessions/{id}/"],
  ["GET", "/api/v1/chat/sessions/{id}/chats/"],
  ["POST", "/api/v1/chat/sessions/{id}/chats/"],
  ["GET", "/api/v1/chat/sessions/{id}/chats/{chat_id}/"],
  ["POST", "/api/v1/chat/sessions/{id}/chats/{chat_id}/regenerate/"],
  ["POST", "/api/v1/chat/sessions/{id}/chats/{chat_id}/continue/"],
  ["GET", "/api/v1/chat/sessions/{id}/chats/{chat_id}/reply/"],
  ["POST", "/api/v1/chat/sessions/{id}/chats/{chat_id}/stop/"],
] as const;

const at = (path: string) => path.replace(`${SESSIONS}{id}/`, session).replace("{chat_id}", `${chat}`);

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
  const open = ["register", "login", "token/refresh"].map((path) => `POST /api/v1/auth/${path}/`);
  const routes = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  expect(routes.sort()).toEqual([...ROUTES.map(([method, path]) => `${method} ${path}`), ...open].sort());
});

test.each(
  [
    ["GET", "{id}/", undefined],
    ["PUT", "{id}/", { title: "Eve's" }],
    ["PATCH", "{id}/", { title: "Eve's" }],
    ["DELETE", "{id}/", undefined],
    ["GET", "{id}/chats/", undefined],
    ["GET", "{id}/chats/?page=2", undefined],
    ["POST", "{id}/chats/", { message: "Eve's" }],
    ["GET", "{id}/chats/{chat_id}/", undefined],
    ["POST", "{id}/chats/{chat_id}/regenerate/", undefined],
  ] as const,
)("%s %s of another user's session → the response to an unknown one", async (method, path, body) => {
  const code = path.includes("chat_id") ? "message_not_found" : "conversation_not_found";
  const missing = SESSIONS + path.replace("{id}", crypto.randomUUID()).replace("{chat_id}", "987654321");
  for (const address of [at(SESSIONS + path), missing]) {
    for (const Accept of ["application/json", "text/event-stream"]) {
      const answer = await eve.api.call(method, address, body, { Accept });
      expect([answer.status, answer.body]).toEqual([404, { detail: "Not found.", code }]);
    }
  }
  const { body: kept } = await ann.api.get(session);
  expect([kept.title, kept.chats.length]).toEqual([SECRET, 1]);
});

test("lists do not reveal others' sessions or chats", async () => {
  const mine = await newSession(eve);
  await ask(eve, mine, "Mine");
  for (const path of [SESSIONS, mine, `${mine}chats/`]) {
    expect(JSON.stringify((await eve.api.get(path)).body)).not.toContain(SECRET);
  }
  expect((await eve.api.get(`${mine}chats/${chat}/`)).status).toBe(404);
});
