import { describe, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { newPerson } from "../people.ts";
import { holder, newWriter, registration, visitor } from "./writer.ts";

const register = (body: unknown) => visitor.post("/api/auth/registration/", body);
const login = (body: unknown) => visitor.post("/api/auth/login/", body);
const password = "correct horse battery";

describe("POST /api/auth/registration/", () => {
  test("→ 201 with a username made from the email, and another one when that is taken", async () => {
    const name = uniqueName("ann");
    const given = registration("ann");
    const usernames = [];
    for (const host of ["example.com", "example.org"]) {
      const { body } = await register({ ...given, email: `${name}@${host}` });
      usernames.push((await new Caller(body.access).get("/api/users/me/")).body.username);
    }
    expect(usernames).toEqual([name, `${name}2`]);
  });

  test("→ 201 with a given username, 400 naming a taken one", async () => {
    const username = uniqueName("ann");
    const { body } = await register(registration("ann", { username }));
    expect((await new Caller(body.access).get("/api/users/me/")).body.username).toBe(username);
    const again = await register(registration("ann", { username: username.toUpperCase() }));
    expect([again.status, again.body]).toEqual([400, { username: ["A user with that username already exists."] }]);
  });

  test("→ 400 to a taken email in any case, naming the field", async () => {
    const { email } = await newWriter("ann");
    for (const taken of [email, email.toUpperCase()]) {
      const { status, body } = await register(registration("ann", { email: taken }));
      expect([status, body]).toEqual([400, { email: ["A user with that email already exists."] }]);
    }
  });

  test("several at once with one email → 201 once", async () => {
    const given = registration("ann");
    const answers = await Promise.all(Array.from({ length: 5 }, () => register(given)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
    const refusals = answers.filter(({ status }) => status === 400).map(({ body }) => body);
    expect(refusals).toEqual(Array(4).fill({ email: ["A user with that email already exists."] }));
  });

  test("→ 201 without names", async () => {
    const { first_name: _, last_name: __, ...given } = registration("ann");
    const { status, body } = await register(given);
    expect([status, body.user]).toMatchObject([201, { first_name: "", last_name: "" }]);
  });

  const given = registration("ann");
  const required = ["This field is required."];
  test.each([
    [{}, { email: required, password1: required, password2: required }],
    [{ ...given, email: "nowhere" }, { email: ["Enter a valid email address."] }],
    [{ ...given, email: "" }, { email: ["Enter a valid email address."] }],
    [{ ...given, email: null }, { email: ["This field may not be null."] }],
    [{ ...given, email: 5 }, { email: ["Not a valid string."] }],
    [{ ...given, password2: "another" }, { password2: ["The two password fields didn't match."] }],
    [{ ...given, password1: "x", password2: "x" }, { password1: [expect.stringContaining("at least 8")] }],
    [{ ...given, first_name: "a".repeat(151) }, { first_name: [expect.stringContaining("150")] }],
    [{ ...given, last_name: "a\0b" }, { last_name: ["Null characters are not allowed."] }],
    [{ ...given, username: "a b" }, { username: [expect.stringContaining("Enter a valid username.")] }],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary."] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await register(body);
    expect([status, refusal]).toEqual([400, errors]);
  });
});

describe("POST /api/auth/login/", () => {
  test("→ 200 by email or username in either field, in any case", async () => {
    const email = `${uniqueName("ann")}@example.com`;
    const ann = await newPerson("ann", { email });
    for (const name of [ann.username, ann.username.toUpperCase(), email, email.toUpperCase()]) {
      for (const field of ["email", "username"]) {
        const { status, body } = await login({ [field]: name, password: ann.password });
        expect([field, name, status, body.user?.pk]).toEqual([field, name, 200, ann.id]);
      }
    }
  });

  test("→ 200 by the field that is not empty", async () => {
    const { email, password } = await newWriter("ann");
    for (const names of [{ email: "", username: email }, { email, username: "" }]) {
      expect((await login({ ...names, password })).status).toBe(200);
    }
  });

  test("→ 200 without an email for an account that has none", async () => {
    const { username, password } = await newPerson("ann");
    expect((await login({ username, password })).body.user.email).toBe("");
  });

  test("→ 400 as dj-rest-auth says it, the same for an unknown user and a wrong password", async () => {
    const { email } = await newWriter("ann");
    const refusal = { non_field_errors: ["Unable to log in with provided credentials."] };
    const wrong = await login({ email, password });
    const unknown = await login({ email: `${uniqueName("nobody")}@example.com`, password });
    expect([wrong.status, wrong.body, unknown.status, unknown.body]).toEqual([400, refusal, 400, refusal]);
  });

  test.each([
    [{}, { email: ["This field is required."], password: ["This field is required."] }],
    [{ password }, { email: ["This field is required."] }],
    [{ email: "", password }, { email: ["This field is required."] }],
    [{ email: "ann" }, { password: ["This field is required."] }],
    [{ email: "ann", password: "" }, { password: ["This field may not be blank."] }],
    [{ username: ["ann"], password }, { username: ["Not a valid string."] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await login(body);
    expect([status, refusal]).toEqual([400, errors]);
  });
});

describe("POST /api/auth/token/refresh/", () => {
  test("→ 401 to a bad refresh token, or an access token", async () => {
    const { access } = await newWriter("ann");
    for (const refresh of ["no-such-token", access]) {
      const { status, body, headers } = await visitor.post("/api/auth/token/refresh/", { refresh });
      expect([status, body]).toEqual([401, { detail: "Token is invalid or expired", code: "token_not_valid" }]);
      expect(headers.get("WWW-Authenticate")).toBe("Bearer");
    }
  });

  test("→ 400 naming the missing field", async () => {
    const { status, body } = await visitor.post("/api/auth/token/refresh/", {});
    expect([status, body]).toEqual([400, { refresh: ["This field is required."] }]);
  });
});

describe("POST /api/auth/logout/", () => {
  const refreshes = async (refresh: string) => (await visitor.post("/api/auth/token/refresh/", { refresh })).status;

  test("→ 200 with the refresh token in the body as well, ending no other session", async () => {
    const { email, password, refresh, api } = await newWriter("ann");
    const other = (await login({ email, password })).body;
    const { status } = await api.post("/api/auth/logout/", { refresh });
    expect([status, await refreshes(refresh), await refreshes(other.refresh)]).toEqual([200, 401, 200]);
  });

  test("→ 200, also ends the session of the given refresh token", async () => {
    const { email, password, refresh, api } = await newWriter("ann");
    const other = (await login({ email, password })).body;
    const { status } = await api.post("/api/auth/logout/", { refresh: other.refresh });
    expect([status, await refreshes(refresh), await refreshes(other.refresh)]).toEqual([200, 401, 401]);
  });

  test("→ 200 when repeated", async () => {
    const { access } = await newWriter("ann");
    const statuses = [];
    for (let time = 0; time < 2; time++) statuses.push((await holder(access).post("/api/auth/logout/", {})).status);
    expect(statuses).toEqual([200, 200]);
  });

  test("→ 400 to a refresh token that is not text", async () => {
    const { api } = await newWriter("ann");
    const { status, body } = await api.post("/api/auth/logout/", { refresh: 5 });
    expect([status, body]).toEqual([400, { refresh: ["Not a valid string."] }]);
  });
});
