import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { Caller, MESSENGER } from "../caller.ts";
import { newGroup, newPerson, type Person } from "../people.ts";

let ann: Person, chat: number;

beforeAll(async () => {
  ann = await newPerson("ann");
  chat = await newGroup(ann);
});

/** Nothing of a refused request is stored. */
async function nothingSent() {
  expect((await ann.api.get(`/api/messages/?chat=${chat}`)).body).toEqual([]);
}

test.each([
  ["a thing without a text", '{"toString": 1, "valueOf": null}', "Not a valid choice."],
  ["a list of them", '[{"toString": 1}]', "Not a valid choice."],
  ["a list 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000), "Not a valid choice."],
  ["null", "null", "This field may not be null."],
  ["64 KB", JSON.stringify("x".repeat(65_536)), `"${"x".repeat(100)}" is not a valid choice.`],
])("POST /api/chats/ → 400 when the type is %s", async (_, type, refusal) => {
  const { status, body } = await ann.api.call("POST", "/api/chats/", `{"type": ${type}, "members": []}`);
  expect([status, body]).toEqual([400, { type: [refusal] }]);
});

describe("POST /api/messages/ with a body", () => {
  test.each([
    ["cut off", '{"chat": 1, "text": "x'],
    ["no JSON", "chat=1&text=x"],
    ["only half a number", '{"chat": 1.'],
    ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ])("that is %s → 400", async (_, body) => {
    const { status, body: refusal } = await ann.api.call("POST", "/api/messages/", body);
    expect([status, refusal.detail]).toEqual([400, expect.stringMatching(/^JSON parse error - /)]);
  });

  test("that is neither JSON nor a form → 415", async () => {
    for (const type of ["text/plain", "application/xml", "application/x-www-form", "multipart/mixed; boundary=x"]) {
      const { status, body } = await ann.api.call("POST", "/api/messages/", "x", { "Content-Type": type });
      expect([status, body]).toEqual([415, { detail: `Unsupported media type "${type}" in request.` }]);
    }
  });

  test.each([
    "application/json;",
    "Application/JSON ; charset=utf-8",
    'application/json; charset="utf-8"; q=1',
    "application/vnd.example.v2+json",
  ])("of type %s parses it", async (type) => {
    const { status, body } = await ann.api.call("POST", "/api/messages/", "{}", { "Content-Type": type });
    expect([status, Object.keys(body)]).toEqual([400, ["chat", "text"]]);
  });

  test("of 10 MB → 413, with a Content-Length or streamed", async () => {
    const large = JSON.stringify({ chat, text: "x".repeat(10 * 1024 * 1024) });
    const { status, body } = await ann.api.call("POST", "/api/messages/", large);
    expect([status, body]).toEqual([413, { detail: "Request body is larger than 1 MiB." }]);
    const streamed = await stream("/api/messages/", large);
    expect(streamed.status).toBe(413);
    await nothingSent();
  });

  test("that ends before its Content-Length → 400", async () => {
    const answer = await halfSent("/api/messages/", `{"chat": ${chat}, "text": "x"}`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('{"detail":"JSON parse error - the body is cut off"}');
    await nothingSent();
  });

  test("nested 100,000 levels deep → 400, or 201 in an unknown field", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect((await ann.api.call("POST", "/api/messages/", deep)).status).toBe(400);
    expect((await ann.api.call("POST", "/api/messages/", `{"chat": ${chat}, "text": ${deep}}`)).status).toBe(400);
    const ignored = await ann.api.call(
      "POST",
      "/api/chats/",
      `{"type": "group", "name": "Deep", "members": [], "x": ${deep}}`,
    );
    expect(ignored.status).toBe(201);
    await nothingSent();
  });

  test("that is empty → 400 naming every required field, for each content type", async () => {
    expect((await ann.api.call("POST", "/api/messages/")).status).toBe(400);
    for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
      const { status, body } = await ann.api.call("POST", "/api/messages/", undefined, { "Content-Type": type });
      expect([status, Object.keys(body)]).toEqual([400, ["chat", "text"]]);
    }
  });
});

/** Sends a body in chunks, without its length. */
function stream(path: string, text: string) {
  const body = new ReadableStream({
    start(controller) {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += 65536) controller.enqueue(bytes.slice(at, at + 65536));
      controller.close();
    },
  });
  return ann.api.call("POST", path, body);
}

/** Promises a longer body than it sends, and closes the connection. */
async function halfSent(path: string, text: string): Promise<string> {
  const { hostname, port, pathname } = new URL(`${MESSENGER}${path}`);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const headers = ["Host: x", `Authorization: Bearer ${ann.access}`, "Content-Type: application/json"];
  const head = [`POST ${pathname} HTTP/1.1`, ...headers, `Content-Length: ${text.length + 1}`].join("\r\n");
  socket.end(`${head}\r\n\r\n${text}`);
  return (await socket.setEncoding("utf8").toArray()).join("");
}

describe("an id in a path", () => {
  test.each([
    "abc",
    "0",
    "-1",
    "1.5",
    "1e3",
    "9223372036854775808",
    "9".repeat(40),
    "1;drop table chat.rooms",
    "%00",
    "%ff",
    "..%2f1",
  ])(
    "/api/chats/%s/ and the like → 404",
    async (id) => {
      const answers = [
        await ann.api.get(`/api/chats/${id}/`),
        await ann.api.delete(`/api/messages/${id}/`),
        await ann.api.put(`/api/messages/${id}/`, { text: "x" }),
        await ann.api.delete(`/api/pinned/${id}/`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    },
  );
});

describe("SQL in a field is text, or refused", () => {
  const sql = "x'; drop table chat.messages; --";

  test("as a message text or a chat name it is stored unchanged", async () => {
    const own = await newGroup(ann);
    const { body } = await ann.api.post("/api/messages/", { chat: own, text: sql }, { "Idempotency-Key": sql });
    expect(body.text).toBe(sql);
    expect((await ann.api.put(`/api/chats/${own}/`, { name: sql, description: sql })).body.name).toBe(sql);
  });

  test.each([
    ["POST", "/api/messages/", { chat: sql, text: "x" }],
    ["POST", "/api/messages/", { chat: 1, text: "x", client_id: sql }],
    ["POST", "/api/messages/", { chat: 1, text: "x", forwarded_from: sql }],
    ["POST", "/api/chats/", { type: sql, members: [sql], name: "x" }],
    ["POST", "/api/pinned/", { chat: sql, message: sql }],
    ["POST", "/api/auth/register/", { username: sql, password: sql }],
    ["POST", "/api/auth/login/", { username: sql, password: sql }],
    ["POST", "/api/auth/refresh/", { refresh: sql }],
  ])("%s %s %j → 400 or 401", async (method, path, body) => {
    const { status } = await ann.api.call(method, path, body);
    expect([400, 401]).toContain(status);
  });
});

describe("a wrong method", () => {
  test.each([
    ["DELETE", "/api/chats/", "GET, HEAD, POST, OPTIONS"],
    ["PUT", "/api/messages/", "GET, HEAD, POST, OPTIONS"],
    ["POST", "/api/messages/1/", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"],
    ["POST", "/api/users/me/", "GET, HEAD, OPTIONS"],
    ["GET", "/api/auth/login", "POST, OPTIONS"],
    ["PATCH", "/api/pinned/1", "GET, HEAD, DELETE, OPTIONS"],
  ])("%s %s → 405 with the allowed methods", async (method, path, allowed) => {
    const { status, body, headers } = await ann.api.call(method, path);
    expect([status, body]).toEqual([405, { detail: `Method "${method}" not allowed.` }]);
    expect(headers.get("Allow")).toBe(allowed);
  });
});

test("GET of an unknown path → 404", async () => {
  for (const path of ["/api/nothing/", "/api/chats/1/nothing/", "/api/messages//", "/admin/"]) {
    const { status, body } = await new Caller().get(path);
    expect([path, status, body]).toEqual([path, 404, { detail: "Not found." }]);
  }
});

test("a path works without its trailing slash, and without a redirect", async () => {
  const before = (await ann.api.get("/api/chats")).body;
  expect(before).toEqual((await ann.api.get("/api/chats/")).body);
  expect((await ann.api.post("/api/messages", { chat, text: "No slash" })).status).toBe(201);
});
