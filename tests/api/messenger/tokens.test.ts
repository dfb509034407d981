import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, inject, test } from "vitest";
import { Caller } from "../caller.ts";
import { newPerson } from "../people.ts";

const status = inject("status");
const secret = new TextEncoder().encode(status.jwt_secret);

const notValid = {
  detail: "Given token not valid for any token type",
  code: "token_not_valid",
  messages: [{ token_class: "AccessToken", token_type: "access", message: "Token is invalid or expired" }],
};

const PROTECTED = [
  ["GET", "/api/users/"],
  ["GET", "/api/users/me/"],
  ["GET", "/api/chats/"],
  ["POST", "/api/chats/"],
  ["GET", "/api/chats/1/"],
  ["PUT", "/api/chats/1/"],
  ["PATCH", "/api/chats/1/"],
  ["DELETE", "/api/chats/1/"],
  ["POST", "/api/chats/1/read/"],
  ["GET", "/api/chats/1/sync/"],
  ["GET", "/api/messages/?chat=1"],
  ["POST", "/api/messages/"],
  ["GET", "/api/messages/1/"],
  ["PUT", "/api/messages/1/"],
  ["PATCH", "/api/messages/1/"],
  ["DELETE", "/api/messages/1/"],
  ["GET", "/api/messages/search/?q=x"],
  ["GET", "/api/pinned/?chat=1"],
  ["POST", "/api/pinned/"],
  ["DELETE", "/api/pinned/1/"],
] as const;

test.each(PROTECTED)("%s %s → 401 without a token", async (method, path) => {
  const { status, body, headers } = await new Caller().call(method, path);
  expect([status, body]).toEqual([401, { detail: "Authentication credentials were not provided." }]);
  expect(headers.get("WWW-Authenticate")).toBe("Bearer");
});

test.each(["Bearer  ", "bearer ", "BEARER \t"])("a token is accepted after %j", async (scheme) => {
  const { api, access, id } = await newPerson("ann");
  const { status, body } = await api.call("GET", "/api/users/me/", undefined, { Authorization: `${scheme}${access}` });
  expect([status, body.id]).toEqual([200, id]);
});

test.each(["Bearer", "JWT x", "Token x", "Basic eDp5", "x", "Bearer x y"])(
  "Authorization: %s → 401",
  async (Authorization) => {
    const { status, body } = await new Caller().call("GET", "/api/users/me/", undefined, { Authorization });
    expect([status, body]).toEqual([401, { detail: "Authentication credentials were not provided." }]);
  },
);

describe("GET /api/users/me/ → 401 to a token", () => {
  const claims = { role: "authenticated", aud: "authenticated", sub: crypto.randomUUID() };
  const refused = async (token: string) => {
    const { status, body, headers } = await new Caller(token).get("/api/users/me/");
    expect([status, body]).toEqual([401, notValid]);
    expect(headers.get("WWW-Authenticate")).toBe("Bearer");
  };

  test("that is not a token at all", () => refused("nonsense"));

  test("signed with another key", async () => {
    const token = new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h");
    await refused(await token.sign(new TextEncoder().encode("a secret of thirty-two characters or so")));
  });

  test("without a signature", () => refused(new UnsecuredJWT(claims).setExpirationTime("1h").encode()));

  test("whose claims were changed", async () => {
    const { access } = await newPerson("ann");
    const [header, , signature] = access.split(".");
    const other = Buffer.from(JSON.stringify({ ...claims, exp: 4e9 })).toString("base64url");
    await refused(`${header}.${other}.${signature}`);
  });

  test("that has expired, even after it was accepted", async () => {
    const { access } = await newPerson("ann");
    const { sub } = decodeJwt(access);
    const token = await new SignJWT({ ...claims, sub }).setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("5s").sign(secret);
    expect((await new Caller(token).get("/api/users/me/")).status).toBe(200);
    await sleep(6000);
    await refused(token);
  });

  test("that is an API key of the project", async () => {
    await refused(status.anon_key);
    await refused(status.service_role_key);
    await refused(status.publishable_key);
  });

  test("that names no user, or one without an account", async () => {
    const sign = (payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(secret);
    await refused(await sign({ ...claims, sub: "' or true --" }));
    const { status, body } = await new Caller(await sign(claims)).get("/api/users/me/");
    expect([status, body.code]).toEqual([401, "user_not_found"]);
  });
});

test("POST /api/auth/login/ → 200 despite a bad token", async () => {
  const { username, password } = await newPerson("ann");
  const { status } = await new Caller("expired").post("/api/auth/login/", { username, password });
  expect(status).toBe(200);
});
