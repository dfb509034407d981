import { Hono } from "hono";
import { expect, test } from "vitest";
import { outerAddress } from "../../../functions/_shared/address.ts";
import { forgetTokens } from "../../../functions/chat-sessions/web/cookies.ts";

/** Answers where it is reached, with paths as the APIs see theirs, and takes its cookies back. */
const echo = new Hono({
  getPath: ({ url }) => new URL(url).pathname.replace(/^\/chat-sessions(?=\/|$)/, "").replace(/\/*$/, "/"),
}).get("*", (c) => {
  forgetTokens(c);
  return c.json(outerAddress(c));
});

test.each<[Record<string, string>, { origin: string; prefix: string }]>([
  [{}, { origin: "http://inner:9999", prefix: "/functions/v1/chat-sessions" }],
  [{ "X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example", "X-Forwarded-Prefix": "" }, {
    origin: "https://chat.example",
    prefix: "",
  }],
  [{ "X-Forwarded-Host": "a.example, b.example", "X-Forwarded-Prefix": "/a/b/" }, {
    origin: "http://a.example",
    prefix: "/a/b",
  }],
  [{ "X-Forwarded-Host": "not a host", "X-Forwarded-Prefix": "/; Domain=evil.example" }, {
    origin: "http://inner:9999",
    prefix: "/functions/v1/chat-sessions",
  }],
])("behind proxies the address is the one that the client used: %j", async (headers, address) => {
  const response = await echo.request("http://inner:9999/chat-sessions/accounts/login/", { headers });
  expect(await response.json()).toEqual(address);
});

test.each(["/", "/accounts/login", "/accounts/login/"])("served on its own, it is at the root: %s", async (path) => {
  const response = await echo.request(`http://chat.example${path}`);
  expect(await response.json()).toEqual({ origin: "http://chat.example", prefix: "" });
});

test.each([["https", true], ["https, http", true], ["http", false], ["http, https", false]])(
  "cookies are kept from plain http where the client used https: %s",
  async (protocol, isSecure) => {
    const response = await echo.request("http://inner:9999/chat-sessions/", {
      headers: { "X-Forwarded-Proto": protocol },
    });
    const cookies = response.headers.getSetCookie().map((line) => line.split("; ").slice(1).toSorted());
    const attributes = ["HttpOnly", "Max-Age=0", "Path=/functions/v1/chat-sessions", "SameSite=Lax"];
    if (isSecure) attributes.push("Secure");
    expect(cookies).toEqual([attributes, attributes]);
  },
);
