import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { OAuth2Issuer } from "oauth2-mock-server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../../support/stack.ts";
import { uniqueName } from "../../support/users.ts";
import { Contract } from "../openapi.ts";
import { type Claims, Google } from "./google.ts";
import { registration, visitor } from "./writer.ts";

// A stack of its own, because it reads at its start which Google to trust.
const google = new Google();
let stack: Stack, contract: Contract;

beforeAll(async () => {
  const env = await google.start();
  stack = await startStack({ env });
  contract = new Contract(await (await fetch(`${stack.status.functions_url}/conversations/api/schema/`)).json());
});
afterEach(() => {
  google.fault = google.spoil = undefined;
});
afterAll(async () => {
  await stack.stop();
  await google.stop();
});

async function call(method: string, path: string, body?: unknown, token?: string) {
  const response = await fetch(`${stack.status.functions_url}/conversations${path}`, {
    method,
    headers: { ...(token && { Authorization: `Bearer ${token}` }), "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = { status: response.status, body: await response.json(), headers: response.headers };
  contract.check(method, path, answer.status, answer.body);
  return answer;
}

const signIn = (code: unknown) => call("POST", "/api/auth/google/", { code });

/** What Google says about a user without an account. */
function person(claims: Claims = {}): Claims {
  const email = `${uniqueName("ann")}@example.com`;
  const names = { name: "Ann Lee", given_name: "Ann", family_name: "Lee" };
  return { sub: crypto.randomUUID(), email, email_verified: true, ...names, ...claims };
}

describe("POST /api/auth/google/ with a code", () => {
  test("creates an account and logs in to it", async () => {
    const ann = person();
    const { status, body } = await signIn(google.code(ann));
    const user = { pk: expect.any(Number), email: ann.email, first_name: "Ann", last_name: "Lee" };
    expect([status, body]).toEqual([200, { access: expect.any(String), refresh: expect.any(String), user }]);
    expect((await call("GET", "/api/auth/user/", undefined, body.access)).body).toEqual(body.user);
    const made = await call("POST", "/api/chat/conversations/", {}, body.access);
    expect(made.status).toBe(201);
    expect((await call("POST", "/api/auth/token/refresh/", { refresh: body.refresh })).status).toBe(200);
  });

  test("exchanges the code as Google expects", async () => {
    const code = google.code(person());
    await signIn(code);
    expect(google.asked.at(-1)).toEqual({
      grant_type: "authorization_code",
      code,
      client_id: "parley.apps.test",
      client_secret: "the secret",
      redirect_uri: "https://app.test/signed-in",
    });
  });

  test("logs in to the same account the second time, even after its email changed", async () => {
    const ann = person();
    const first = await signIn(google.code(ann));
    const again = await signIn(google.code(ann));
    const moved = await signIn(google.code({ ...ann, email: `${uniqueName("new")}@example.com` }));
    expect([again, moved].map(({ status, body }) => [status, body.user.pk])).toEqual(
      Array(2).fill([200, first.body.user.pk]),
    );
  });

  test("creates one account when the same user comes twice at once", async () => {
    const ann = person();
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(google.code(ann))));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => body.user.pk)).size).toBe(1);
  });

  test("logs in to the account with the email; a registration that never proved it is locked out", async () => {
    const given = registration("bob", { first_name: "Mallory", last_name: "Evil" });
    const { body: taken } = await call("POST", "/api/auth/registration/", given);
    const bob = person({ email: given.email.toUpperCase(), name: "Bob Poe", given_name: "Bob", family_name: "Poe" });
    const { status, body } = await signIn(google.code(bob));
    const user = { ...taken.user, first_name: "Bob", last_name: "Poe" };
    expect([status, body.user]).toEqual([200, user]);
    const login = await call("POST", "/api/auth/login/", { email: given.email, password: given.password1 });
    expect([login.status, Object.keys(login.body)]).toEqual([400, ["non_field_errors"]]);
    expect((await call("POST", "/api/auth/token/refresh/", { refresh: taken.refresh })).status).toBe(401);
    expect((await call("POST", "/api/auth/token/refresh/", { refresh: body.refresh })).status).toBe(200);
    expect((await signIn(google.code(bob))).body.user).toEqual(user);
  });

  test("is the only way in to an account whose email was changed to this one", async () => {
    const given = registration("mallory");
    const { body: mallory } = await call("POST", "/api/auth/registration/", given);
    const ann = person();
    const changed = await fetch(`${stack.status.functions_url}/mini-chat/api/auth/profile/`, {
      method: "PATCH",
      headers: { Authorization: `Bearer ${mallory.access}`, "Content-Type": "application/json" },
      body: JSON.stringify({ email: ann.email, current_password: given.password1 }),
    });
    expect(changed.status).toBe(200);
    expect((await signIn(google.code(ann))).status).toBe(200);
    const login = await call("POST", "/api/auth/login/", { email: ann.email, password: given.password1 });
    expect(login.status).toBe(400);
  });

  test("→ 400 when Google has not verified an email that has an account", async () => {
    const given = registration("bob");
    await call("POST", "/api/auth/registration/", given);
    const { status, body } = await signIn(google.code(person({ email: given.email, email_verified: false })));
    expect([status, body]).toEqual([400, { code: [expect.stringContaining("not verified")] }]);
  });

  test("creates an account whose password no one knows", async () => {
    const { body } = await signIn(google.code(person()));
    const passwords = { old_password: "", new_password: "another password" };
    for (const old_password of ["password", " "]) {
      const answer = await call("POST", "/api/auth/change-password/", { ...passwords, old_password }, body.access);
      expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["old_password"]]);
    }
  });
});

describe("POST /api/auth/google/ → 400 naming the code, which is", () => {
  const refused = async (code: unknown) => {
    const { status, body } = await signIn(code);
    expect([status, body]).toEqual([400, { code: [expect.any(String)] }]);
  };

  test.each([undefined, null, "", 5, "a\0", "x".repeat(5000)])("%.10s", refused);

  test("a code that Google did not issue", () => refused("4/0A-made-up"));

  test("a code that was used", async () => {
    const code = google.code(person());
    expect((await signIn(code)).status).toBe(200);
    await refused(code);
  });

  test.each([
    ["for another client", { aud: "somebody.apps.test" }],
    ["of another provider", { iss: "https://evil.test" }],
    ["that has expired", { exp: 1 }],
    ["without a user", { sub: undefined }],
    ["without an email", { email: undefined }],
    ["with an unexpected nonce", { nonce: "n" }],
  ])("an identity %s", (_, claims) => refused(google.code(person(claims))));

  test("an identity signed with another key", async () => {
    const forger = new OAuth2Issuer();
    forger.url = google.issuer.url;
    await forger.keys.generate("RS256");
    const forged = await forger.buildToken({
      scopesOrTransform: (_, payload) => Object.assign(payload, person({ aud: "parley.apps.test" })),
    });
    google.spoil = (body) => body.id_token = forged;
    await refused(google.code(person()));
  });

  test("a code for which Google returns no user", async () => {
    google.spoil = (body) => delete body.id_token;
    await refused(google.code(person()));
    google.spoil = undefined;
    google.fault = (response) => response.writeHead(200, { "Content-Type": "application/json" }).end("null");
    await refused(google.code(person()));
  });
});

describe("POST /api/auth/google/ → 503 without the cause,", () => {
  const json = (status: number, body: unknown) => (response: ServerResponse) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));

  test.each<[string, (response: ServerResponse) => void]>([
    ["when Google fails", json(500, { error: "internal_failure" })],
    ["when Google does not know this client", json(401, { error: "invalid_client" })],
    ["when Google expects another redirect", json(400, { error: "redirect_uri_mismatch" })],
    ["when Google limits this client", json(429, { error: "rate_limited" })],
    ["when Google answers something else", (response) => response.end("<html>")],
    ["when Google hangs up", (response) => response.destroy()],
    ["when Google does not answer for ten seconds", () => {}],
  ])("%s", async (_, fault) => {
    google.fault = fault;
    const { status, body, headers } = await signIn(google.code(person()));
    expect([status, body]).toEqual([503, { detail: expect.stringMatching(/^Google .* try again later\.$/) }]);
    expect(headers.get("Retry-After")).toBe("1");
  });
});

test("a slow Google delays no one else", async () => {
  let waiting: ServerResponse | undefined;
  google.fault = (response) => waiting = response;
  const pending = signIn(google.code(person()));
  while (!waiting) await sleep(10);
  const given = registration("bob");
  expect((await call("POST", "/api/auth/registration/", given)).status).toBe(201);
  waiting.destroy();
  expect((await pending).status).toBe(503);
});

test("POST /api/auth/google/ → 503 naming the settings that are missing", async () => {
  const { status, body } = await visitor.post("/api/auth/google/", { code: "4/0A" });
  const settings = "GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, GOOGLE_REDIRECT_URI";
  const detail = `Signing in with Google is not set up: set ${settings}.`;
  expect([status, body]).toEqual([503, { detail, code: "google_not_set_up" }]);
});
