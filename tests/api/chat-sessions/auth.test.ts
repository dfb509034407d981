import { describe, expect, test } from "vitest";
import { newAsker, registration, visitor } from "./asker.ts";

const register = (body: unknown) => visitor.post("/api/v1/auth/register/", body);
const given = registration("ann");
const { username: _username, ...nameless } = given;
const { confirm_password: _confirmation, ...unconfirmed } = given;

describe("POST /api/v1/auth/register/", () => {
  test.each([
    [nameless, { username: ["This field is required."] }],
    [unconfirmed, { confirm_password: ["This field is required."] }],
    [{ ...given, confirm_password: "another one" }, { confirm_password: ["Passwords do not match."] }],
    [{ ...given, username: "ann b" }, { username: [expect.stringContaining("Enter a valid username.")] }],
    [{ ...given, email: "nowhere" }, { email: ["Enter a valid email address."] }],
    [{ ...given, password: "1", confirm_password: "1" }, { password: [expect.any(String)] }],
    ["[]", { non_field_errors: ["Invalid data. Expected a dictionary."] }],
    ["{", { detail: expect.stringMatching(/^JSON parse error/) }],
  ])("%j → 400", async (body, errors) => {
    const answer = await register(body);
    expect([answer.status, answer.body]).toEqual([400, errors]);
  });

  test("→ 400 for a taken username, naming the field", async () => {
    const { username } = await newAsker("ann");
    const { status, body } = await register({ ...registration("ann"), username });
    expect([status, body]).toEqual([400, { username: ["A user with that username already exists."] }]);
  });

  test("→ 201 with an empty email, as if absent", async () => {
    const { status, body } = await register({ ...registration("ann"), email: "" });
    expect([status, body.user.email]).toEqual([201, ""]);
  });
});

describe("login and logout", () => {
  const refusal = { non_field_errors: ["Invalid username or password!"] };

  test("POST login/ → 400 with the same response for an unknown user and a wrong password", async () => {
    const { username } = await newAsker("ann");
    for (const name of [username, registration("nobody").username]) {
      const answer = await visitor.post("/api/v1/auth/login/", { username: name, password: "wrong" });
      expect([answer.status, answer.body]).toEqual([400, refusal]);
    }
  });

  test("POST login/ → 200 with the email as username", async () => {
    const body = registration("ann");
    const email = `${body.username}@example.com`;
    await register({ ...body, email });
    const { status, body: signedIn } = await visitor.post("/api/v1/auth/login/", {
      username: email,
      password: body.password,
    });
    expect([status, signedIn.user.username]).toEqual([200, body.username]);
  });

  test("POST logout/ → 200 without a refresh token, or with one that has ended", async () => {
    for (const given of [undefined, {}, { refresh: "gone" }]) {
      const { api, refresh } = await newAsker("ann");
      const { status, body } = await api.post("/api/v1/auth/logout/", given);
      expect([status, body]).toEqual([200, { message: "Logout successful" }]);
      expect((await visitor.post("/api/v1/auth/token/refresh/", { refresh })).status).toBe(401);
    }
  });

  test("POST logout/ → 200, also ends the session of the given refresh token", async () => {
    const { api, username, password, refresh } = await newAsker("ann");
    const { body: other } = await visitor.post("/api/v1/auth/login/", { username, password });
    expect((await api.post("/api/v1/auth/logout/", { refresh: other.refresh })).status).toBe(200);
    for (const token of [refresh, other.refresh]) {
      const { status, body } = await visitor.post("/api/v1/auth/token/refresh/", { refresh: token });
      expect([status, body]).toEqual([401, { detail: "Token is invalid or expired", code: "token_not_valid" }]);
    }
  });
});
