import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import { temporaryStack } from "./run.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let service: ReturnType<typeof appClient>;
let visitor: ReturnType<typeof appClient>;
beforeAll(async () => {
  stack = await temporaryStack();
  service = appClient({ stack: stack.status, key: stack.status.secret_key });
  visitor = appClient({ stack: stack.status });
});
afterAll(() => stack.stop());

const password = "secret-123";

async function create(name: string, more: object = {}): Promise<string> {
  const email = `${name}@example.com`;
  const { data, error } = await service.auth.admin.createUser({ email, password, email_confirm: true, ...more });
  expect(error).toBeNull();
  return data.user!.id;
}

test("an administrator creates, reads, updates and deletes a user", async () => {
  const id = await create("ann", { user_metadata: { username: "ann", mood: "good" }, app_metadata: { plan: "pro" } });
  const signedIn = await visitor.auth.signInWithPassword({ email: "Ann@example.com", password });
  expect(signedIn.error).toBeNull();
  const { data: { user } } = await service.auth.admin.getUserById(id);
  expect(user).toMatchObject({
    id,
    email: "ann@example.com",
    app_metadata: { provider: "email", providers: ["email"], plan: "pro" },
    user_metadata: { username: "ann", mood: "good", email_verified: true },
    identities: [{ provider: "email", identity_data: { email: "ann@example.com", email_verified: true } }],
  });

  const changed = await service.auth.admin.updateUserById(id, {
    email: "anna@example.com",
    password: "other-123",
    user_metadata: { mood: null, city: "Riga" },
  });
  expect(changed.data.user).toMatchObject({
    email: "anna@example.com",
    user_metadata: { username: "ann", city: "Riga" },
  });
  expect(changed.data.user?.user_metadata).not.toHaveProperty("mood");
  const { error: dead } = await visitor.auth.refreshSession({ refresh_token: signedIn.data.session!.refresh_token });
  expect(dead?.code).toBe("refresh_token_not_found");
  expect((await visitor.auth.signInWithPassword({ email: "anna@example.com", password: "other-123" })).error)
    .toBeNull();

  expect((await service.auth.admin.deleteUser(id)).error).toBeNull();
  expect((await service.auth.admin.getUserById(id)).error).toMatchObject({ status: 404, code: "user_not_found" });
});

test("a list has pages and a count", async () => {
  const before = (await service.auth.admin.listUsers()).data.users.length;
  for (let number = 0; number < 5; number++) await create(`page${number}`);
  const first = await service.auth.admin.listUsers({ page: 1, perPage: 2 });
  expect(first.data).toMatchObject({ aud: "authenticated", total: before + 5, nextPage: 2 });
  expect(first.data.users.map(({ email }) => email)).toEqual(["page4@example.com", "page3@example.com"]);
});

test("impossible requests are refused by name", async () => {
  await create("taken");
  const admin = service.auth.admin;
  expect((await admin.createUser({ email: "TAKEN@example.com", password })).error?.code).toBe("email_exists");
  expect((await admin.createUser({ password })).error?.code).toBe("validation_failed");
  for (
    const email of [
      "no address",
      "nowhere",
      "a@",
      "@b.example",
      "a@b..example",
      "a@-b.example",
      "<a@b.example>",
      "a@b.example, c@d",
    ]
  ) {
    const { error } = await admin.createUser({ email });
    expect([email, error?.status, error?.code]).toEqual([email, 400, "validation_failed"]);
  }
  for (const page of ["abc", "-1", "1.5", "1e3", "99999999999999999999"]) {
    for (const name of ["page", "per_page"]) {
      const headers = { apikey: stack.status.secret_key };
      const { status } = await fetch(`${stack.status.api_url}/auth/v1/admin/users?${name}=${page}`, { headers });
      expect([name, page, status]).toEqual([name, page, 400]);
    }
  }
  expect((await admin.createUser({ email: "n@example.com", user_metadata: { a: "\0" } })).error?.code)
    .toBe("validation_failed");
  expect((await admin.createUser({ email: "l@example.com", password: "x".repeat(73) })).error?.code)
    .toBe("validation_failed");
  expect((await admin.updateUserById(randomUUID(), {})).error?.code).toBe("user_not_found");
  expect((await admin.deleteUser(randomUUID())).error?.code).toBe("user_not_found");
});

test("a banned user gets no session until the ban is lifted", async () => {
  const id = await create("bob");
  const credentials = { email: "bob@example.com", password };
  const { data } = await visitor.auth.signInWithPassword(credentials);
  await service.auth.admin.updateUserById(id, { ban_duration: "24h" });
  expect((await visitor.auth.signInWithPassword(credentials)).error?.code).toBe("user_banned");
  const { error } = await visitor.auth.refreshSession({ refresh_token: data.session!.refresh_token });
  expect(error?.code).toBe("user_banned");
  await service.auth.admin.updateUserById(id, { ban_duration: "none" });
  expect((await visitor.auth.signInWithPassword(credentials)).error).toBeNull();
});

test("only the service may administer", async () => {
  expect((await visitor.auth.admin.listUsers()).error).toMatchObject({ status: 401, code: "no_authorization" });
  const { data } = await visitor.auth.signUp({ email: "mallory@example.com", password });
  const call = (apikey: string, bearer?: string) =>
    fetch(`${stack.status.api_url}/auth/v1/admin/users`, {
      headers: { apikey, ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}) },
    }).then(({ status }) => status);
  const { publishable_key, secret_key, service_role_key } = stack.status;
  const token = data.session!.access_token;
  expect(await call(publishable_key, token)).toBe(403);
  const forged = token.replace(/.(?=..$)/, (letter) => letter === "a" ? "b" : "a");
  expect(await call(publishable_key, forged)).toBe(403);
  expect(await call("sb_secret_guessed")).toBe(401);
  expect(await call(publishable_key, service_role_key)).toBe(200);
  expect(await call(secret_key, secret_key)).toBe(200);
  expect((await appClient({ stack: stack.status, key: service_role_key }).auth.admin.listUsers()).error).toBeNull();
});

test("a token has the platform's claims, and a signed-out session has ended", async () => {
  const { data } = await visitor.auth.signUp({
    email: "eve@example.com",
    password,
    options: { data: { username: "eve" } },
  });
  const session = data.session!;
  const claims = JSON.parse(Buffer.from(session.access_token.split(".")[1]!, "base64url").toString());
  expect(claims).toMatchObject({
    iss: `${stack.status.api_url}/auth/v1`,
    sub: data.user!.id,
    aud: "authenticated",
    role: "authenticated",
    email: "eve@example.com",
    app_metadata: { provider: "email" },
    user_metadata: { username: "eve" },
    aal: "aal1",
    amr: [{ method: "password" }],
    is_anonymous: false,
  });
  expect(claims.exp - claims.iat).toBe(3600);
  expect((await visitor.auth.getUser()).data.user?.email).toBe("eve@example.com");
  await visitor.auth.signOut();
  expect((await visitor.auth.refreshSession(session)).error?.code).toBe("refresh_token_not_found");
  expect((await visitor.auth.getUser(session.access_token)).error?.name).toBe("AuthSessionMissingError");
});

test("an error has the shape that the client requested", async () => {
  const ask = async (headers: Record<string, string>) => {
    const url = `${stack.status.api_url}/auth/v1/token?grant_type=password`;
    const body = JSON.stringify({ email: "nobody@example.com", password });
    const apikey = stack.status.publishable_key;
    return await (await fetch(url, { method: "POST", body, headers: { apikey, ...headers } })).json();
  };
  const message = "Invalid login credentials";
  expect(await ask({ "X-Supabase-Api-Version": "2024-01-01" })).toEqual({ code: "invalid_credentials", message });
  expect(await ask({})).toEqual({ code: 400, error_code: "invalid_credentials", msg: message });
});

test("an endpoint that is not here → 404 with its code", async () => {
  await visitor.auth.signUp({ email: "fay@example.com", password });
  const { error } = await visitor.auth.mfa.enroll({ factorType: "totp" });
  expect([error?.status, error?.code, error?.message]).toEqual([404, "not_found", "There is no such endpoint here"]);
});

test("when two sign up with one email at once, one is refused since it is taken", async () => {
  const credentials = { email: "twice@example.com", password };
  const answers = await Promise.all(Array.from({ length: 4 }, () => visitor.auth.signUp(credentials)));
  expect(answers.map(({ error }) => error?.code ?? "welcome").sort()).toEqual([
    ...Array(3).fill("user_already_exists"),
    "welcome",
  ]);
});

test("a failing trigger shows only as Auth's own error", async () => {
  const sql = database(stack.status);
  await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$ begin raise 'inner secret'; end $$;
    create trigger refuse before insert on auth.users for each row when (new.email like 'refused%')
    execute function public.refuse();`);
  await sql.end();
  const { error } = await visitor.auth.signUp({ email: "refused@example.com", password });
  expect(error).toMatchObject({ status: 500, message: "Database error saving new user" });
  const made = await service.auth.admin.createUser({ email: "refused2@example.com", password });
  expect(made.error).toMatchObject({ status: 500, message: "Database error creating new user" });
});
