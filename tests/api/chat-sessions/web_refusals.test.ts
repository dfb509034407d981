import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Browser, newSession, newVisitor, PREFIX, titleOf } from "./browser.ts";

let ann: Browser;
beforeAll(async () => void (ann = await newVisitor("ann")));

describe("refusals", () => {
  const nobody = "5afecd42-f412-4dcf-8297-b9a6be1e681d";
  const routes = (id: string): [string, string, unknown?][] => [
    ["GET", `/load_session/${id}/`],
    ["POST", `/chat/session/${id}/rename/`, { title: "x" }],
    ["POST", `/chat/session/${id}/send/`, { message: "x" }],
    ["POST", `/chat/session/${id}/chats/1/regenerate/`],
    ["DELETE", `/chat/session/${id}/delete/`],
    ["POST", `/chat/session/${id}/delete/`],
  ];
  const call = (browser: Browser, [method, path, body]: [string, string, unknown?]) =>
    method === "GET" ? browser.get(path) : browser.json(method, path, body);

  test("every route of another user's session → 404", async () => {
    const bob = await newVisitor("bob");
    const id = await newSession(ann, "Ann's own");
    for (const target of [id, nobody, "not-an-id"]) {
      for (const route of routes(target)) {
        const { status, json } = await call(bob, route);
        expect([route[1], status, json]).toEqual([route[1], 404, { success: false, error: "Not found." }]);
      }
      const page = await bob.get(`/chat/${target}/`);
      expect([page.status, page.text.includes("Ann's own")]).toEqual([404, false]);
      expect(page.text).toContain("<h1>Not found</h1>");
      expect((await bob.form(`/chat/session/${target}/send/`, { message: "x" })).status).toBe(404);
    }
    expect((await bob.get("/")).text).not.toContain("Ann&#39;s own");
    expect(await titleOf(ann, id)).toBe("Ann's own");
  });

  test("without a session, scripts → 401, browsers → 303 to the login", async () => {
    const stranger = await newVisitor("eve");
    stranger.cookies.clear();
    for (const route of [...routes(nobody), ["POST", "/chat/session/create/"] as [string, string]]) {
      const { status, json } = await call(stranger, route);
      const error = "Authentication credentials were not provided.";
      expect([route[1], status, json]).toEqual([route[1], 401, { success: false, error }]);
    }
    const next = encodeURIComponent(`${PREFIX}/chat/${nobody}/`);
    expect((await stranger.get(`/chat/${nobody}/`)).location).toBe(`${PREFIX}/accounts/login/?next=${next}`);
    expect((await stranger.get("/")).location).toBe(`${PREFIX}/accounts/login/`);
    expect((await stranger.form(`/chat/session/${nobody}/send/`)).location).toBe(`${PREFIX}/accounts/login/`);
  });

  test.each<[number, string, Record<string, string>, string]>([
    [400, "{", { "Content-Type": "application/json" }, "JSON parse error"],
    [400, "{}", { "Content-Type": "application/json" }, "This field is required."],
    [400, '{"title":5}', { "Content-Type": "application/json" }, "Not a valid string."],
    [400, "x", { "Content-Type": "multipart/form-data" }, "The form cannot be read."],
    [415, "<x/>", { "Content-Type": "text/xml" }, "Unsupported media type"],
    [413, "x".repeat(1024 * 1024 + 1), { "Content-Type": "application/json" }, "larger than 1 MiB"],
    [413, "title=" + "x".repeat(1024 * 1024), { "Content-Type": "application/x-www-form-urlencoded" }, "larger than"],
  ])("a bad body → %i", async (expected, body, headers, error) => {
    const id = await newSession(ann);
    const { status, json } = await ann.request("POST", `/chat/session/${id}/rename/`, headers, body);
    expect([status, json]).toEqual([expected, { success: false, error: expect.stringContaining(error) }]);
  });

  test.each(["login", "register"])("JSON that is not an object → 400 with the form: %s", async (form) => {
    for (const body of [null, 5, "x", []]) {
      const { status, text } = await ann.json("POST", `/accounts/${form}/`, body);
      expect([body, status]).toEqual([body, 400]);
      expect(text).toContain('role="alert">Invalid data. Expected a dictionary.<');
    }
  });

  test("a wrong method → 405", async () => {
    const { status, headers } = await ann.get("/chat/session/create/");
    expect([status, headers.get("Allow")]).toEqual([405, expect.stringContaining("POST")]);
  });

  test("a deleted account → 303 to the login, removing its cookies", async () => {
    const gone = await newVisitor("gone");
    const { api_url, service_role_key } = inject("status");
    const { sub } = JSON.parse(atob(gone.cookies.get("chat_sessions_access")!.split(".")[1]!));
    const headers = { apikey: service_role_key, Authorization: `Bearer ${service_role_key}` };
    await fetch(`${api_url}/auth/v1/admin/users/${sub}`, { method: "DELETE", headers });
    expect((await gone.json("POST", "/chat/session/create/", {})).status).toBe(401);
    expect((await gone.get("/")).location).toBe(`${PREFIX}/accounts/login/`);
    expect(gone.cookies.size).toBe(0);
  });
});
