import { beforeAll, describe, expect, test } from "vitest";
import { newUser as newSupabasePerson, uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { newSocialPerson, type SocialPerson } from "./people.ts";

const anyone = new Caller(undefined, "social");
let ann: SocialPerson;

beforeAll(async () => {
  ann = await newSocialPerson("ann");
});

describe("POST /accounts/api/users/", () => {
  test.each([
    [{ password: "a long secret" }, { username: ["This field is required."] }],
    [{ username: "someone" }, { password: ["This field is required."] }],
    [{ username: "two words", password: "a long secret" }, {
      username: [
        "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
      ],
    }],
    [{ username: "someone", password: "a long secret", email: "nowhere" }, { email: ["Enter a valid email address."] }],
    [{ username: "someone", password: "short" }, { password: [expect.stringContaining("8 characters")] }],
  ])("%j → 400", async (body, refusal) => {
    expect(await anyone.post("/accounts/api/users/", body)).toMatchObject({ status: 400, body: refusal });
  });

  test("→ 400 for a taken username or email", async () => {
    const username = uniqueName("taken");
    const account = { username, email: `${username}@example.com`, password: "a long secret" };
    expect((await anyone.post("/accounts/api/users/", account)).status).toBe(201);
    expect(await anyone.post("/accounts/api/users/", { ...account, username: username.toUpperCase() })).toMatchObject({
      status: 400,
      body: { username: ["A user with that username already exists."] },
    });
    expect(await anyone.post("/accounts/api/users/", { ...account, username: uniqueName("other") })).toMatchObject({
      status: 400,
      body: { email: ["A user with that email already exists."] },
    });
  });

  test("→ 201 without an email, and none is shown", async () => {
    const username = uniqueName("noaddress");
    const { status, body } = await anyone.post("/accounts/api/users/", { username, password: "a long secret" });
    expect([status, body]).toMatchObject([201, { username, email: "" }]);
  });
});

describe("POST /accounts/api/token/", () => {
  test("→ 401 with the same response for an unknown user and a wrong password", async () => {
    const answers = await Promise.all([
      anyone.post("/accounts/api/token/", { username: uniqueName("nobody"), password: "a long secret" }),
      anyone.post("/accounts/api/token/", { username: ann.username, password: "not this one" }),
    ]);
    const refusal = { detail: "No active account found with the given credentials", code: "no_active_account" };
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[401, refusal], [401, refusal]]);
    expect(answers.map(({ headers }) => headers.get("Set-Cookie"))).toEqual([null, null]);
  });

  test("POST refresh/ → 200 once for each refresh token, 401 to nonsense", async () => {
    const { username, password } = ann;
    const { body: { refresh } } = await anyone.post("/accounts/api/token/", { username, password });
    const { body } = await anyone.post("/accounts/api/token/refresh/", { refresh });
    expect(body.refresh).not.toBe(refresh);
    expect(await anyone.post("/accounts/api/token/refresh/", { refresh: "nonsense" })).toMatchObject({
      status: 401,
      body: { code: "token_not_valid" },
    });
    expect((await anyone.post("/accounts/api/token/refresh/", {})).body).toEqual({
      refresh: ["This field is required."],
    });
  });

  test("POST /accounts/api/logout/ → 204, ends the session and removes the cookie", async () => {
    const { username, password } = ann;
    const { body: { access, refresh } } = await anyone.post("/accounts/api/token/", { username, password });
    const { status, headers } = await new Caller(access, "social").call("POST", "/accounts/api/logout/");
    expect(status).toBe(204);
    expect(headers.get("Set-Cookie")).toMatch(/^access=; Max-Age=0; Path=\/functions\/v1\/social;/);
    expect((await anyone.post("/accounts/api/token/refresh/", { refresh })).status).toBe(401);
  });
});

describe("GET /accounts/api/users/", () => {
  test("→ 200 in pages", async () => {
    const others = [await newSocialPerson("bob"), await newSocialPerson("carl")];
    const ids = others.map(({ id }) => id);
    const pages = await ann.social.pages(`/accounts/api/users/?limit=1&after=${ids[0]! - 1}`);
    expect(pages.flat().map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    expect(pages.every((page) => page.length <= 1)).toBe(true);
  });

  test("→ 200 with the emails that their owners show", async () => {
    const carl = await newSupabasePerson("carl");
    const seen = async () => (await ann.social.get(`/profiles/api/search-user/?username=${carl.username}`)).body.email;
    const show = (isShown: boolean) => carl.supabase.from("profiles").update({ show_email: isShown }).eq("id", carl.id);
    expect(await seen(), "of an account of supabase-js").toBe("");
    await show(true);
    expect(await seen()).toBe(`${carl.username}@example.com`);
    await show(false);
    const { body } = await ann.social.get("/accounts/api/users/");
    expect(body.find(({ username }: { username: string }) => username === carl.username).email).toBe("");
  });
});
