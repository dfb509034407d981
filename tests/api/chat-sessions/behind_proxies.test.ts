import { Hono } from "hono";
import process from "node:process";
import { expect, test } from "vitest";
import { outerAddress } from "../../../functions/_shared/network/address.ts";
import { forgetTokens } from "../../../functions/chat-sessions/web/cookies.ts";
import { readEnvironment } from "../../support/environment.ts";

readEnvironment(["PUBLIC_URL", "TRUSTED_PROXIES", "ALLOWED_HOSTS", "SB_REGION", "GATEWAY_PREFIX_HEADER"], {
  SUPABASE_URL: "https://project.supabase.co",
});

/** Returns its public origin and prefix, with paths as the APIs see them, and reads its own cookies. */
const echo = new Hono({
  getPath: ({ url }) => new URL(url).pathname.replace(/^\/chat-sessions(?=\/|$)/, "").replace(/\/*$/, "/"),
}).get("*", (c) => {
  forgetTokens(c);
  return c.json(outerAddress(c));
});

const at = async (url: string, headers: Record<string, string> = {}) =>
  await (await echo.request(url, { headers })).json();

const INNER = "http://inner:9999/chat-sessions/accounts/login/";
const own = { origin: "http://inner:9999", prefix: "/functions/v1/chat-sessions" };
const forwarded = {
  "X-Forwarded-For": "203.0.113.7, 10.0.0.1",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "chat.example",
  "X-Forwarded-Prefix": "/talk/",
};

test("forwarding headers of a client are ignored", async () => {
  expect(await at(INNER, forwarded)).toEqual(own);
  expect(await at(INNER, { Forwarded: "for=1.2.3.4;proto=https;host=evil.example" })).toEqual(own);
});

test.each([["1"], ["10.0.0.0/8"], ["10.0.0.1"]])(
  "forwarding headers of a proxy trusted by %s are used",
  async (setting) => {
    process.env.TRUSTED_PROXIES = setting;
    expect(await at(INNER, forwarded)).toEqual({ origin: "https://chat.example", prefix: "/talk" });
    const standard = {
      "X-Forwarded-For": "10.0.0.1",
      Forwarded: 'for=203.0.113.7;proto=https;host="chat.example:8443"',
    };
    expect(await at(INNER, standard)).toEqual({ ...own, origin: "https://chat.example:8443" });
    // It appends to what the client made up.
    const appended = {
      ...forwarded,
      "X-Forwarded-Host": "evil.example, chat.example",
      "X-Forwarded-Proto": "http, https",
    };
    expect(await at(INNER, appended)).toEqual({ origin: "https://chat.example", prefix: "/talk" });
    const broken = { ...forwarded, "X-Forwarded-Host": "a b/c", "X-Forwarded-Prefix": "/; Domain=evil.example" };
    expect(await at(INNER, broken)).toEqual(own);
  },
);

test("an address that is not on the list is not trusted", async () => {
  process.env.TRUSTED_PROXIES = "10.0.0.2";
  expect(await at(INNER, forwarded)).toEqual(own);
});

test("of several trusted proxies, the outermost counts", async () => {
  process.env.TRUSTED_PROXIES = "2";
  const headers = {
    "X-Forwarded-For": "203.0.113.7, 10.0.0.1, 10.0.0.2",
    "X-Forwarded-Host": "evil.example, chat.example, inner.example",
    "X-Forwarded-Proto": "https",
  };
  expect((await at(INNER, headers)).origin).toBe("https://chat.example");
});

test("a host in ALLOWED_HOSTS is accepted from any client", async () => {
  process.env.ALLOWED_HOSTS = "chat.example";
  expect((await at(INNER, forwarded)).origin).toBe("https://chat.example");
  expect((await at(INNER, { ...forwarded, "X-Forwarded-Host": "evil.example" })).origin).toBe(own.origin);
});

test.each<Record<string, string>>([
  {},
  { "X-Forwarded-Host": "edge-runtime.supabase.com", "X-Forwarded-Proto": "http" },
  forwarded,
])("on the platform the origin is the project's: %j", async (headers) => {
  const project = { ...own, origin: "https://project.supabase.co" };
  expect(await at("http://edge-runtime.supabase.com/chat-sessions/", headers)).toEqual(project);
  process.env.SB_REGION = "eu-central-1";
  expect(await at(INNER, headers)).toEqual(project);
});

test.each([
  ["https://chat.example", "https://chat.example", "/functions/v1/chat-sessions"],
  ["https://chat.example/", "https://chat.example", "/functions/v1/chat-sessions"],
  ["https://example.com/chat/api/", "https://example.com", "/chat/api/chat-sessions"],
])("PUBLIC_URL %s takes precedence", async (setting, origin, prefix) => {
  process.env.PUBLIC_URL = setting;
  process.env.SB_REGION = "eu-central-1";
  expect(await at("http://edge-runtime.supabase.com/chat-sessions/", forwarded)).toEqual({ origin, prefix });
});

test("the gateway in front of the functions names the prefix of their paths", async () => {
  process.env.GATEWAY_PREFIX_HEADER = "x-parley-prefix";
  expect(await at(INNER, { "x-parley-prefix": "" })).toEqual({ ...own, prefix: "" });
  expect(await at(INNER, {})).toEqual(own);
});

test.each(["/", "/accounts/login", "/accounts/login/"])(
  "served on its own, the API is at the root: %s",
  async (path) => {
    expect(await at(`http://chat.example${path}`)).toEqual({ origin: "http://chat.example", prefix: "" });
  },
);

test.each([["https", true], ["http", false]])(
  "cookies are Secure when the client used https: %s",
  async (protocol, isSecure) => {
    process.env.TRUSTED_PROXIES = "1";
    const headers = { "X-Forwarded-Proto": protocol, "X-Forwarded-Host": "chat.example" };
    const response = await echo.request("http://inner:9999/chat-sessions/", { headers });
    const cookies = response.headers.getSetCookie().map((line) => line.split("; ").slice(1).toSorted());
    const attributes = ["HttpOnly", "Max-Age=0", "Path=/functions/v1/chat-sessions", "SameSite=Lax"];
    if (isSecure) attributes.push("Secure");
    expect(cookies).toEqual([attributes, attributes]);
  },
);
