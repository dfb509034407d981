import { beforeAll, describe, expect, test } from "vitest";
import { BASE, Browser, newSession, newVisitor, ORIGIN, PREFIX } from "./browser.ts";

let ann: Browser;
let id: string;
beforeAll(async () => {
  ann = await newVisitor("ann");
  id = await newSession(ann, "Mine");
});

const changes = (): [string, string, Record<string, string>][] => [
  ["POST", "/chat/session/create/", {}],
  ["POST", `/chat/session/${id}/rename/`, { title: "Theirs" }],
  ["POST", `/chat/session/${id}/send/`, { message: "Hi" }],
  ["POST", `/chat/session/${id}/chats/1/regenerate/`, {}],
  ["POST", `/chat/session/${id}/delete/`, {}],
  ["DELETE", `/chat/session/${id}/delete/`, {}],
  ["POST", "/accounts/logout/", {}],
  ["POST", "/accounts/login/", { username: "mallory", password: "x" }],
  ["POST", "/accounts/register/", { username: "mallory", password: "x", confirm_password: "x" }],
];

describe("a page of another origin", () => {
  test.each<Record<string, string>>([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: ORIGIN.replace(/\d$/, (digit) => `${(Number(digit) + 1) % 10}`) },
    { Origin: ORIGIN, "Sec-Fetch-Site": "cross-site" },
    { Origin: ORIGIN, "Sec-Fetch-Site": "same-site" },
  ])("cannot change anything with a visitor's cookies: %j", async (headers) => {
    for (const [method, path, fields] of changes()) {
      const asForm = await ann.request(method, path, { Accept: "text/html", ...headers }, new URLSearchParams(fields));
      expect([path, asForm.status]).toEqual([path, 403]);
      const asScript = await ann.json(method, path, fields, headers);
      expect([path, asScript.status]).toEqual([path, 403]);
      if (!path.startsWith("/accounts/")) {
        expect(asScript.json).toEqual({ success: false, error: "This request came from a page of another site." });
      }
    }
    const { json } = await ann.get(`/load_session/${id}/`);
    expect(json).toMatchObject({ session_title: "Mine", chats: [] });
  });

  test("cannot read anything: no response allows it", async () => {
    for (const path of ["/", `/chat/${id}/`, `/load_session/${id}/`, "/accounts/login/"]) {
      const { headers } = await ann.get(path, { Origin: "https://evil.example" });
      expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
      expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
    }
  });
});

test("a client that is not a browser, and sends no origin, is allowed", async () => {
  const Cookie = [...ann.cookies].map((cookie) => cookie.join("=")).join("; ");
  const response = await fetch(`${BASE}/chat/session/create/`, { method: "POST", headers: { Cookie } });
  expect(await response.json()).toMatchObject({ success: true, session_title: "New Chat" });
});

describe("these pages", () => {
  test.each<Record<string, string>>([
    { Origin: ORIGIN },
    { Origin: "null", "Sec-Fetch-Site": "same-origin" },
    { Origin: ORIGIN, "Sec-Fetch-Site": "same-origin" },
  ])("accept requests with %j", async (headers) => {
    expect((await ann.json("POST", `/chat/session/${id}/rename/`, { title: "Mine" }, headers)).status).toBe(200);
  });

  test("run only their own scripts and styles, cannot be framed, and are not cached", async () => {
    const stranger = new Browser();
    const pages = [
      await stranger.get("/accounts/login/"),
      await stranger.get("/accounts/register/"),
      await stranger.get("/"),
      await ann.get("/"),
      await ann.get(`/chat/${id}/`),
      await ann.get("/chat/nowhere/"),
      await ann.get(`/load_session/${id}/`),
      await ann.form(`/chat/session/${id}/rename/`, {}),
      await ann.form("/chat/session/create/", {}, { Origin: "https://evil.example" }),
    ];
    for (const { headers, text } of pages) {
      const policy = headers.get("Content-Security-Policy")!.split("; ");
      expect(policy).toEqual(expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]));
      expect(policy.join()).not.toContain("unsafe");
      expect(headers.get("X-Frame-Options")).toBe("DENY");
      expect(headers.get("Referrer-Policy")).toBe("same-origin");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    }
  });

  test("load their scripts, styles and icon from here, and nothing else in the folder is served", async () => {
    const { text } = await new Browser().get("/accounts/login/");
    const assets = [...text.matchAll(/(?:src|href)="([^"]*\/static\/[^"]+)"/g)].map(([, asset]) => asset!);
    const types: Record<string, string> = { svg: "image/svg+xml", css: "text/css; charset=utf-8" };
    for (const asset of assets) {
      expect(asset.startsWith(`${PREFIX}/static/`)).toBe(true);
      const { status, headers } = await new Browser().get(asset.slice(PREFIX.length));
      const type = types[asset.split(".").at(-1)!] ?? "text/javascript; charset=utf-8";
      expect([asset, status, headers.get("Content-Type")]).toEqual([asset, 200, type]);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    expect(assets.filter((asset) => asset.endsWith(".css"))).toHaveLength(6);
    const { text: script } = await new Browser().get("/static/chat.js");
    for (const [, name] of script.matchAll(/from "\.\/(\w+\.js)"/g)) {
      expect((await new Browser().get(`/static/${name}`)).status).toBe(200);
    }
    for (const name of ["assets.ts", "..%2Findex.ts", "constructor"]) {
      expect((await new Browser().get(`/static/${name}`)).status).toBe(404);
    }
  });
});
