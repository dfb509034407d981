import { describe, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { newPerson } from "../people.ts";

const visitor = new Caller();
const register = (body: unknown) => visitor.post("/api/auth/register/", body);
const login = (username: string, password: string) => visitor.post("/api/auth/login/", { username, password });
const password = "correct horse battery";

describe("POST /api/auth/register/", () => {
  test("→ 201 with a username alone: the user without an email, and tokens that work", async () => {
    const username = uniqueName("ann");
    const { status, body } = await register({ username, password });
    expect(status).toBe(201);
    expect(body.user).toEqual({ id: expect.any(Number), username, email: "", first_name: "", last_name: "" });
    const me = await new Caller(body.access).get("/api/users/me/");
    expect(me.body).toMatchObject({ id: body.user.id, username, email: "" });
  });

  test("→ 201 with email and names", async () => {
    const username = uniqueName("bob");
    const details = { email: `${username}@example.com`, first_name: "Боб", last_name: "O'Neill" };
    const { body } = await register({ username, password, ...details });
    expect(body.user).toMatchObject({ username, ...details });
  });

  test("→ 400 naming the field for a taken username, in any case", async () => {
    const { username } = await newPerson("ann");
    const { status, body } = await register({ username: username.toUpperCase(), password });
    expect([status, body]).toEqual([400, { username: ["A user with that username already exists."] }]);
  });

  test("→ 400 naming the field for a taken email", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    await newPerson("ann", { email });
    const { status, body } = await register({ username: uniqueName("ann"), password, email });
    expect([status, body]).toEqual([400, { email: ["A user with that email already exists."] }]);
  });

  test("→ 201 once when several register the same username at the same time", async () => {
    const username = uniqueName("ann");
    const answers = await Promise.all(Array.from({ length: 5 }, () => register({ username, password })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const { access } = answers.find(({ status }) => status === 201)!.body;
    const found = await new Caller(access).get(`/api/users/?search=${username}`);
    expect(found.body).toHaveLength(1);
  });

  test.each([
    [{ password }, { username: ["This field is required."] }],
    [{ username: "ann" }, { password: ["This field is required."] }],
    [{ username: "", password }, { username: ["This field may not be blank."] }],
    [{ username: null, password }, { username: ["This field may not be null."] }],
    [{ username: 5, password }, { username: ["Not a valid string."] }],
    [{ username: "ann b", password }, { username: [expect.stringContaining("Enter a valid username.")] }],
    [{ username: uniqueName("ann☃"), password }, { username: [expect.stringContaining("Enter a valid username.")] }],
    [{ username: "a".repeat(151), password }, { username: ["Ensure this field has no more than 150 characters."] }],
    [{ username: "a\0b", password }, { username: ["Null characters are not allowed."] }],
    [{ username: uniqueName("x"), password, email: "nowhere" }, { email: ["Enter a valid email address."] }],
    [{ username: uniqueName("x"), password, email: `${"x".repeat(243)}@example.com` }, {
      email: ["Enter a valid email address."],
    }],
    [{ username: uniqueName("x"), password: "1" }, { password: [expect.any(String)] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await register(body);
    expect([status, refusal]).toEqual([400, errors]);
  });
});

describe("POST /api/auth/login/", () => {
  test("→ 200 by username or email, in any case", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    const ann = await newPerson("ann", { email });
    for (const name of [ann.username, ann.username.toUpperCase(), email, email.toUpperCase()]) {
      const { status, body } = await login(name, ann.password);
      expect([name, status]).toEqual([name, 200]);
      expect((await new Caller(body.access).get("/api/users/me/")).body.id).toBe(ann.id);
    }
  });

  test("→ 401 with the same response for an unknown user and a wrong password", async () => {
    const ann = await newPerson("ann");
    const refusal = { detail: "No active account found with the given credentials", code: "no_active_account" };
    const wrong = await login(ann.username, "wrong");
    const unknown = await login(uniqueName("nobody"), password);
    expect([wrong.status, wrong.body, unknown.status, unknown.body]).toEqual([401, refusal, 401, refusal]);
  });
});

describe("POST /api/auth/refresh/", () => {
  test("→ 200 with two new tokens", async () => {
    const ann = await newPerson("ann");
    const { status, body } = await visitor.post("/api/auth/refresh/", { refresh: ann.refresh });
    expect(status).toBe(200);
    expect(body.refresh).not.toBe(ann.refresh);
    expect((await new Caller(body.access).get("/api/users/me/")).status).toBe(200);
  });

  test("→ 401 to a token that is not a refresh token", async () => {
    const { status, body } = await visitor.post("/api/auth/refresh/", { refresh: "no-such-token" });
    expect([status, body]).toEqual([401, { detail: "Token is invalid or expired", code: "token_not_valid" }]);
  });
});
