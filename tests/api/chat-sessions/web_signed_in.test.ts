import { describe, expect, test } from "vitest";
import { BASE, Browser, newVisitor, PREFIX } from "./browser.ts";

describe("logout", () => {
  test("ends the session, whose refresh token is refused from then on", async () => {
    const visitor = await newVisitor("ann");
    const refresh = visitor.cookies.get("chat_sessions_refresh")!;
    const { status, location } = await visitor.get("/accounts/logout/");
    expect([status, location, visitor.cookies.size]).toEqual([303, `${PREFIX}/accounts/login/`, 0]);
    const late = new Browser();
    late.cookies.set("chat_sessions_refresh", refresh);
    expect((await late.get("/")).location).toBe(`${PREFIX}/accounts/login/`);
  });

  test.each<Record<string, string>>([{ "Sec-Fetch-Site": "same-origin" }, { "Sec-Fetch-Site": "none" }, {
    Referer: `${BASE}/`,
  }, {}])(
    "by a link of these pages, or typed, is immediate: %j",
    async (headers) => {
      const visitor = await newVisitor("ann");
      expect((await visitor.get("/accounts/logout/", headers)).location).toBe(`${PREFIX}/accounts/login/`);
      expect(visitor.cookies.size).toBe(0);
    },
  );

  test.each<Record<string, string>>([
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Referer: "https://evil.example/" },
    { "Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch" },
  ])("by anything else asks first: %j", async (headers) => {
    const visitor = await newVisitor("ann");
    const { status, text } = await visitor.get("/accounts/logout/", headers);
    expect(status).toBe(200);
    expect(text).toContain(`<form method="post" action="${PREFIX}/accounts/logout/">`);
    expect((await visitor.get("/")).status).toBe(200);
    expect((await visitor.form("/accounts/logout/")).location).toBe(`${PREFIX}/accounts/login/`);
    expect(visitor.cookies.size).toBe(0);
  });
});

describe("an expired access token", () => {
  test("is renewed silently, for several tabs at once", async () => {
    const visitor = await newVisitor("ann");
    const used = visitor.cookies.get("chat_sessions_refresh");
    visitor.cookies.set("chat_sessions_access", "expired");
    const tabs = await Promise.all(Array.from({ length: 4 }, () => visitor.get("/")));
    expect(tabs.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const given = new Set(tabs.map(({ headers }) => headers.getSetCookie()[1]));
    expect(given.size).toBe(1);
    expect(visitor.cookies.get("chat_sessions_refresh")).not.toBe(used);
    expect((await visitor.get("/")).headers.getSetCookie()).toEqual([]);
  });

  test("is renewed for scripts as well, and their request succeeds", async () => {
    const visitor = await newVisitor("ann");
    visitor.cookies.delete("chat_sessions_access");
    const { json } = await visitor.json("POST", "/chat/session/create/");
    expect(json).toMatchObject({ success: true });
    expect(visitor.cookies.has("chat_sessions_access")).toBe(true);
  });

  test("with an invalid refresh token leads to the login, without logging out other tabs", async () => {
    const browser = new Browser();
    browser.cookies.set("chat_sessions_access", "x").set("chat_sessions_refresh", "y");
    const { status, location, headers } = await browser.get("/");
    expect([status, location, headers.getSetCookie()]).toEqual([303, `${PREFIX}/accounts/login/`, []]);
    expect(headers.get("Content-Type")).toBeNull();
  });
});
