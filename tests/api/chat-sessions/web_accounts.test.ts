import { beforeAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { BASE, Browser, newVisitor, ORIGIN, PASSWORD, PREFIX } from "./browser.ts";

let ann: Browser;
beforeAll(async () => void (ann = await newVisitor("ann")));

const register = (fields: Record<string, string>, browser = new Browser()) =>
  browser.form("/accounts/register/", { password: PASSWORD, confirm_password: PASSWORD, ...fields });
const login = (fields: Record<string, string>, next = "", browser = new Browser()) =>
  browser.form(`/accounts/login/${next}`, { password: PASSWORD, ...fields });

/** The error text next to a field. */
function errorOf(page: string, field: string): string | undefined {
  const [input] = new RegExp(`<input id="${field}"[^>]*>`).exec(page)!;
  const ids = /aria-describedby="([^"]*)"/.exec(input)?.[1] ?? "";
  if (!ids.split(" ").includes(`${field}-error`) || !input.includes('aria-invalid="true"')) return undefined;
  return new RegExp(`id="${field}-error">([^<]*)<`).exec(page)![1];
}

describe("/accounts/register/", () => {
  test("GET → 200 with a form that browsers can fill in", async () => {
    const { status, headers, text } = await new Browser().get("/accounts/register/");
    expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=UTF-8"]);
    for (const field of ["username", "email", "new-password"]) expect(text).toContain(`autocomplete="${field}"`);
    expect(text).toContain(`<form method="post" action="${PREFIX}/accounts/register/"`);
  });

  test("POST → 303, logs in, with cookies hidden from scripts and from other functions", async () => {
    const browser = new Browser();
    const { status, location, headers } = await register({ username: uniqueName("ann") }, browser);
    expect([status, location]).toEqual([303, `${PREFIX}/`]);
    const cookies = headers.getSetCookie().map((line) => line.replace(/=[^;]*/, "").replace(/Max-Age=\d+/, "Max-Age"));
    const attributes = `Max-Age; Path=${PREFIX}; HttpOnly; SameSite=Lax`;
    expect(cookies).toEqual([`chat_sessions_access; ${attributes}`, `chat_sessions_refresh; ${attributes}`]);
    expect((await browser.get("/")).status).toBe(200);
  });

  test("POST creates the account in the API as well", async () => {
    const username = uniqueName("ann");
    await register({ username, email: `${username}@example.com` });
    const { body } = await new Caller(undefined, "chat-sessions").post("/api/v1/auth/login/", {
      username,
      password: PASSWORD,
    });
    expect(body.user).toMatchObject({ username, email: `${username}@example.com` });
  });

  test("POST → 400 with the errors next to their fields and the input, but never a password", async () => {
    const { username } = ann;
    const { status, text } = await register({ username, email: "ann@example.com" });
    expect([status, errorOf(text, "username")]).toEqual([400, "A user with that username already exists."]);
    expect(text).toContain(`value="${username}"`);
    expect(text).toContain('value="ann@example.com"');
    expect(text).toContain("<title>Error: Create an account");
    expect(text).not.toContain(PASSWORD);
  });

  test.each([
    ["username", { username: "ann b" }, "Enter a valid username. "],
    ["username", { username: "" }, "This field may not be blank."],
    ["email", { username: uniqueName("ann"), email: "nowhere" }, "Enter a valid email address."],
    [
      "password",
      { username: uniqueName("ann"), password: "1", confirm_password: "1" },
      "It must contain at least 8 characters.",
    ],
    ["confirm_password", { username: uniqueName("ann"), confirm_password: "x" }, "Passwords do not match."],
  ])("POST → 400 naming %s for %j", async (field, fields, error) => {
    const { status, text, headers } = await register(fields);
    expect([status, headers.getSetCookie()]).toEqual([400, []]);
    expect(errorOf(text, field)).toContain(error);
  });

  test("POST escapes a hostile username", async () => {
    const username = `"><script>alert(1)</script>`;
    const { text } = await register({ username });
    expect(text).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).not.toContain("<script>alert");
  });
});

describe("/accounts/login/", () => {
  test("POST → 303 by username or email", async () => {
    const username = uniqueName("ann");
    const email = `${username}@example.com`;
    await register({ username, email });
    for (const name of [username, email]) {
      const browser = new Browser();
      const { status, location } = await login({ username: name }, "", browser);
      expect([status, location]).toEqual([303, `${PREFIX}/`]);
      expect((await browser.get("/")).text).toContain(username);
    }
  });

  test("POST → 401 with the same page for a wrong password and an unknown user", async () => {
    const { username } = ann;
    const answers = await Promise.all([login({ username, password: "x" }), login({ username: uniqueName("nobody") })]);
    for (const { status, text, headers } of answers) {
      expect([status, headers.getSetCookie()]).toEqual([401, []]);
      expect(text).toContain('role="alert">No active account found with the given credentials<');
    }
  });

  test("POST → 429 after too many attempts, with the time to wait", async () => {
    const username = uniqueName("tried");
    const sql = database();
    await sql`insert into chat_private.login_attempts (subject, attempts, wait_until)
      values ((chat_private.login_subjects(${username}, '127.0.0.1'))[1], 10, now() + interval '1 minute')`;
    await sql.end();
    const { status, headers, text } = await login({ username });
    expect([status, Number(headers.get("Retry-After")) > 0]).toEqual([429, true]);
    expect(text).toMatch(/role="alert">Too many wrong passwords/);
    expect(text).toContain(`value="${username}"`);
  });

  test.each(["", "/chat/5afecd42-f412-4dcf-8297-b9a6be1e681d/"])(
    "returns to the requested page: %j",
    async (path) => {
      const { username } = await newVisitor("ann");
      const asked = await new Browser().get(path || "/");
      expect(asked.status).toBe(303);
      const { search, pathname } = new URL(asked.location!, ORIGIN);
      expect(pathname).toBe(`${PREFIX}/accounts/login/`);
      const form = await new Browser().get(`/accounts/login/${search}`);
      expect(form.text).toContain(`action="${PREFIX}/accounts/login/${search}"`);
      expect((await login({ username }, search)).location).toBe(`${PREFIX}${path || "/"}`);
    },
  );

  test.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\t//evil.example/",
    `${PREFIX}//evil.example/`,
    `${PREFIX}/../../../evil`,
    `${PREFIX}/accounts/logout/`,
    `${PREFIX}.evil.example/`,
    `${BASE}/`,
    "javascript:alert(1)",
    "/",
    `${PREFIX}/\r\nSet-Cookie: a=b`,
  ])("does not redirect to %j", async (next) => {
    const query = `?next=${encodeURIComponent(next)}`;
    expect((await login({ username: ann.username }, query)).location).toBe(`${PREFIX}/`);
    const signedIn = await ann.get(`/accounts/login/${query}`);
    expect([signedIn.status, signedIn.location]).toEqual([303, `${PREFIX}/`]);
  });
});
