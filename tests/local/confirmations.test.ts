import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import { temporaryStack } from "./run.ts";
import { refusal } from "../support/refusals.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: ReturnType<typeof database>;

// A project that requires new users to confirm, by one mail.
const settings = (config: string) =>
  config.replace("enable_confirmations = false", "enable_confirmations = true\ndouble_confirm_changes = false");

beforeAll(async () => {
  stack = await temporaryStack([], {}, settings);
  sql = database(stack.status);
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const visitor = () => appClient({ stack: stack.status });
const password = "a long secret";

async function post(path: string, body: unknown, token?: string, method = "POST") {
  const response = await fetch(`${stack.status.api_url}/functions/v1/${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  // deno-lint-ignore no-explicit-any
  return { status: response.status, body: await response.json() as any };
}

/** Signs up, and confirms as the mail would. */
async function confirmed(email: string): Promise<void> {
  const service = appClient({ stack: stack.status, key: stack.status.secret_key });
  const { data } = await service.auth.admin.generateLink({ type: "signup", email, password });
  const { error } = await visitor().auth.verifyOtp({ type: "signup", token_hash: data.properties!.hashed_token });
  expect(error).toBeNull();
}

test("a taken email gets the response of a free one, and no one gets in", async () => {
  await confirmed("taken@example.com");
  const answers = [];
  for (const email of ["taken@example.com", "free@example.com"]) {
    const { data, error } = await visitor().auth.signUp({ email, password, options: { data: { a: 1 } } });
    expect([error, data.session, data.user?.email, data.user?.email_confirmed_at]).toEqual([
      null,
      null,
      email,
      undefined,
    ]);
    answers.push(Object.keys(data.user!).filter((name) => data.user![name as "id"] !== undefined));
  }
  expect(answers[0]).toEqual(expect.arrayContaining(["id", "aud", "email", "identities", "confirmation_sent_at"]));
  const people = { username: "somebody", password, confirm_password: password };
  for (
    const [path, fields] of [
      ["messenger/api/auth/register/", people],
      ["mini-chat/api/auth/register/", people],
      ["chat-sessions/api/v1/auth/register/", people],
      ["social/accounts/api/users/", people],
      ["conversations/api/auth/registration/", { password1: password, password2: password }],
    ] as const
  ) {
    const free = `free-${path.split("/")[0]}@example.com`;
    for (const email of ["taken@example.com", free]) {
      const username = `somebody-${path.split("/")[0]}`;
      const { status, body } = await post(path, { ...fields, username, email });
      const detail = "Confirm your email address, then sign in.";
      const refused = refusal(path.split("/")[0]!, { detail, code: "email_not_confirmed" });
      expect([path, email, status, body]).toEqual([path, email, 403, refused]);
    }
  }
});

test("a confirmed email is proven, and its password stays", async () => {
  await confirmed("ann@example.com");
  const [row] = await sql`select encrypted_password <> '' as kept, unproven_addresses.user_id as unproven
    from auth.users left join chat_private.unproven_addresses on user_id = id where email = 'ann@example.com'`;
  expect(row).toEqual({ kept: true, unproven: null });
  expect((await visitor().auth.signInWithPassword({ email: "ann@example.com", password })).error).toBeNull();
});

test("an email can be changed with the password, once the mail to it is confirmed", async () => {
  await confirmed("bob@example.com");
  const { data: { session } } = await visitor().auth.signInWithPassword({ email: "bob@example.com", password });
  const change = (body: object) => post("mini-chat/api/auth/profile/", body, session!.access_token, "PATCH");
  const email = "bob@new.example";
  expect((await change({ email })).body).toEqual({ current_password: [expect.any(String)] });
  const { status, body } = await change({ email, current_password: password });
  expect([status, body.email, body.new_email]).toEqual([200, "bob@example.com", email]);
  const service = appClient({ stack: stack.status, key: stack.status.secret_key });
  const link = await service.auth.admin.generateLink({
    type: "email_change_new",
    email: "bob@example.com",
    newEmail: email,
  });
  const opened = await visitor().auth.verifyOtp({
    type: "email_change",
    token_hash: link.data.properties!.hashed_token,
  });
  expect(opened.data.user?.email).toBe(email);
  expect(await sql`select from chat_private.unproven_addresses where user_id = ${session!.user.id}`).toHaveLength(0);
  expect((await visitor().auth.signInWithPassword({ email, password })).error).toBeNull();
});
