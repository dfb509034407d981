import { describe, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { newMiniChatPerson } from "./people.ts";
import { refusal } from "../../support/refusals.ts";

const visitor = new Caller(undefined, "mini-chat");
const register = (body: unknown) => visitor.post("/api/auth/register/", body);
const login = (username: string, password: string) => visitor.post("/api/auth/login/", { username, password });
const refresh = (token: string) => visitor.post("/api/auth/token/refresh/", { refresh: token });
const password = "correct horse battery";
const tokenRefused = {
  error: "Token is invalid or expired",
  detail: "Token is invalid or expired",
  code: "token_not_valid",
};

describe("POST /api/auth/register/", () => {
  test("→ 201 with the user, working tokens and the message", async () => {
    const username = uniqueName("ann");
    const { status, body } = await register({ username, password });
    expect(status).toBe(201);
    const user = { id: expect.any(Number), username, email: "", first_name: "", last_name: "" };
    const tokens = { access: expect.any(String), refresh: expect.any(String) };
    expect(body).toEqual({ user, tokens, ...tokens, message: "Пользователь успешно зарегистрирован" });
    expect([body.access, body.refresh]).toEqual([body.tokens.access, body.tokens.refresh]);
    expect((await new Caller(body.tokens.access, "mini-chat").get("/api/auth/me/")).body).toEqual(body.user);
    expect((await refresh(body.tokens.refresh)).status).toBe(200);
  });

  test("→ 201 with a profile that is online, with a placeholder avatar", async () => {
    const { body } = await register({ username: uniqueName("ann"), password });
    const profile = await new Caller(body.access, "mini-chat").get("/api/auth/profile/");
    expect(profile.body.profile).toEqual({
      is_online: true,
      last_seen: expect.any(String),
      avatar: expect.stringMatching(/^https:\/\//),
    });
  });

  test("→ 201 with email and names", async () => {
    const username = uniqueName("bob");
    const details = { email: `${username}@example.com`, first_name: "Боб", last_name: "O'Neill" };
    const { status, body } = await register({ username, password, password_confirm: password, ...details });
    expect([status, body.user]).toEqual([201, { id: expect.any(Number), username, ...details }]);
  });

  test("→ 201 with an empty email, as if absent; 400 for a taken username", async () => {
    const username = uniqueName("ann");
    expect((await register({ username, password, email: "", first_name: "", last_name: "" })).status).toBe(201);
    const { status, body } = await register({ username: username.toUpperCase(), password });
    expect([status, body]).toEqual([400, { username: ["A user with that username already exists."] }]);
  });

  test.each([
    [{ password }, "username"],
    [{ username: "ann" }, "password"],
    [{ username: "ann b", password }, "username"],
    [{ username: uniqueName("x"), password, password_confirm: "another" }, "password_confirm"],
    [{ username: uniqueName("x"), password, password_confirm: 5 }, "password_confirm"],
    [{ username: uniqueName("x"), password, email: "nowhere" }, "email"],
    [{ username: uniqueName("x"), password, first_name: "x".repeat(151) }, "first_name"],
    [{ username: uniqueName("x"), password: "1" }, "password"],
  ])("→ 400 to %j, naming %s", async (body, field) => {
    const { status, body: refusal } = await register(body);
    expect([status, Object.keys(refusal)]).toEqual([400, [field]]);
  });
});

describe("POST /api/auth/login/", () => {
  test("→ 200 by username or email, with the response of registration", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    const ann = await newMiniChatPerson("ann", { email });
    for (const name of [ann.username, email]) {
      const { status, body } = await login(name, ann.password);
      const tokens = { access: expect.any(String), refresh: expect.any(String) };
      expect([status, body]).toEqual([200, { user: ann.user, tokens, ...tokens, message: "Успешный вход" }]);
    }
  });

  test("→ 200, and the user is online", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const isOnline = async () => (await bob.api.get(`/api/auth/search/?q=${ann.username}`)).body.users[0].is_online;
    expect(await isOnline()).toBe(false);
    await login(ann.username, ann.password);
    expect(await isOnline()).toBe(true);
  });

  test("→ 400 with the same `error` for an unknown user and a wrong password", async () => {
    const ann = await newMiniChatPerson("ann");
    const sentence = "Неверное имя пользователя или пароль";
    const refusal = { error: sentence, detail: sentence, code: "no_active_account" };
    for (const name of [ann.username, uniqueName("nobody")]) {
      const { status, body } = await login(name, "wrong");
      expect([status, body]).toEqual([400, refusal]);
    }
  });
});

describe("tokens", () => {
  test("POST /api/auth/token/refresh/ → 200 once for each refresh token", async () => {
    const ann = await newMiniChatPerson("ann");
    const { status, body } = await refresh(ann.refresh);
    expect([status, Object.keys(body).sort()]).toEqual([200, ["access", "refresh"]]);
    expect(body.refresh).not.toBe(ann.refresh);
    expect((await new Caller(body.access, "mini-chat").get("/api/auth/me/")).body).toEqual(ann.user);
    const refused = await refresh("no-such-token");
    expect([refused.status, refused.body]).toEqual([401, tokenRefused]);
  });

  test.each([
    ["GET", "/api/auth/me/"],
    ["GET", "/api/auth/profile/"],
    ["PUT", "/api/auth/profile/"],
    ["POST", "/api/auth/logout/"],
    ["POST", "/api/auth/change-password/"],
    ["GET", "/api/auth/search/?q=ann"],
    ["GET", "/api/auth/users/"],
    ["GET", "/api/chat/rooms/"],
    ["POST", "/api/chat/rooms/"],
    ["GET", "/api/chat/rooms/1/"],
    ["PUT", "/api/chat/rooms/1/"],
    ["DELETE", "/api/chat/rooms/1/"],
    ["GET", "/api/chat/rooms/1/history/"],
    ["GET", "/api/chat/messages/?room=1"],
    ["POST", "/api/chat/messages/"],
    ["POST", "/api/chat/create-direct-chat/"],
    ["GET", "/api/chat/online-users/"],
    ["POST", "/api/chat/rooms/1/join/"],
    ["POST", "/api/chat/rooms/1/leave/"],
  ])("%s %s → 401 without a token", async (method, path) => {
    const { status, body, headers } = await visitor.call(method, path, method === "GET" ? undefined : {});
    expect([status, body]).toEqual([
      401,
      refusal("mini-chat", { detail: "Authentication credentials were not provided." }),
    ]);
    expect(headers.get("WWW-Authenticate")).toBe("Bearer");
    const forged = await new Caller("a.b.c", "mini-chat").call(method, path, method === "GET" ? undefined : {});
    expect([forged.status, forged.body.code]).toEqual([401, "token_not_valid"]);
  });
});

describe("POST /api/auth/logout/", () => {
  test("→ 200, ends the session: its refresh token is refused, and the user is offline", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    await ann.api.get("/api/auth/me/");
    const { status, body } = await ann.api.post("/api/auth/logout/", { refresh: ann.refresh });
    expect([status, body]).toEqual([200, { message: "Успешный выход" }]);
    expect((await refresh(ann.refresh)).body).toEqual(tokenRefused);
    expect((await bob.api.get(`/api/auth/search/?q=${ann.username}`)).body.users[0].is_online).toBe(false);
  });

  test("→ 200, also ends the session of the given refresh token", async () => {
    const ann = await newMiniChatPerson("ann");
    const { body: other } = await login(ann.username, ann.password);
    const { body: third } = await login(ann.username, ann.password);
    expect((await ann.api.post("/api/auth/logout/", { refresh: other.refresh })).status).toBe(200);
    expect((await refresh(other.refresh)).body).toEqual(tokenRefused);
    expect((await refresh(ann.refresh)).body).toEqual(tokenRefused);
    expect((await refresh(third.refresh)).status).toBe(200);
  });

  test("→ 200 without a refresh token, or with one that has ended", async () => {
    for (const given of [undefined, {}, { refresh: "" }, { refresh: "gone" }]) {
      const ann = await newMiniChatPerson("ann");
      expect((await ann.api.post("/api/auth/logout/", given)).status).toBe(200);
      expect((await refresh(ann.refresh)).body).toEqual(tokenRefused);
    }
  });
});
