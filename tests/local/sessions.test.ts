import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appClient, database } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { temporaryStack } from "./run.ts";

let stack: Awaited<ReturnType<typeof temporaryStack>>;
let sql: ReturnType<typeof database>;
let service: ReturnType<typeof appClient>;

// With settings that config.toml leaves out or switches off.
const settings = (config: string) =>
  config
    .replace("enable_anonymous_sign_ins = false", "enable_anonymous_sign_ins = true")
    .replace("refresh_token_reuse_interval = 10", "refresh_token_reuse_interval = 2");

beforeAll(async () => {
  stack = await temporaryStack([], {}, settings);
  sql = database(stack.status);
  service = appClient({ stack: stack.status, key: stack.status.secret_key });
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const visitor = () => appClient({ stack: stack.status });
let people = 0;

/** A user who has just signed up. */
async function person(name: string) {
  const email = `${name}-${++people}@example.com`;
  const password = "a long secret";
  const supabase = visitor();
  const { data, error } = await supabase.auth.signUp({ email, password });
  expect(error).toBeNull();
  return { email, password, supabase, id: data.user!.id, session: data.session! };
}

const refresh = (refresh_token: string) => visitor().auth.refreshSession({ refresh_token });

describe("a refresh token", () => {
  test("used six times at once gives all the same new one", async () => {
    const { session } = await person("ann");
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(session.refresh_token)));
    expect(answers.map(({ error }) => error)).toEqual(Array(6).fill(null));
    expect(new Set(answers.map(({ data }) => data.session!.refresh_token)).size).toBe(1);
    expect((await refresh(answers[0]!.data.session!.refresh_token)).error).toBeNull();
  });

  test("whose response was lost gives the same response again, however late", async () => {
    const { session } = await person("ann");
    const first = await refresh(session.refresh_token);
    await sql`update auth.refresh_tokens set updated_at = now() - interval '1 h' where token = ${session.refresh_token}`;
    const again = await refresh(session.refresh_token);
    expect(again.data.session!.refresh_token).toBe(first.data.session!.refresh_token);
  });

  test("that is two behind is accepted within the interval", async () => {
    const { session } = await person("ann");
    const second = (await refresh(session.refresh_token)).data.session!;
    await refresh(second.refresh_token);
    expect((await refresh(session.refresh_token)).error).toBeNull();
  });

  test("that is two behind ends the session after the interval", async () => {
    const { session } = await person("ann");
    const second = (await refresh(session.refresh_token)).data.session!;
    const third = (await refresh(second.refresh_token)).data.session!;
    await sql`update auth.refresh_tokens set updated_at = now() - interval '3 s' where token = ${session.refresh_token}`;
    expect((await refresh(session.refresh_token)).error?.code).toBe("refresh_token_already_used");
    expect((await refresh(third.refresh_token)).error?.code).toBe("refresh_token_already_used");
  });

  test("is refused when unknown, or of an ended session or a banned user", async () => {
    expect((await refresh("nobody's")).error?.code).toBe("refresh_token_not_found");
    const [ann, bob] = [await person("ann"), await person("bob")];
    await ann.supabase.auth.signOut();
    expect((await refresh(ann.session.refresh_token)).error?.code).toBe("refresh_token_not_found");
    await service.auth.admin.updateUserById(bob.id, { ban_duration: "1h" });
    expect((await refresh(bob.session.refresh_token)).error?.code).toBe("user_banned");
  });

  test("is refused when the session has reached its maximum age", async () => {
    const { session, id } = await person("ann");
    await sql`update auth.sessions set created_at = now() - interval '169 h' where user_id = ${id}`;
    expect((await refresh(session.refresh_token)).error?.code).toBe("session_expired");
  });
});

describe("an access token", () => {
  test("has the number, the kind and an id, also when it is refreshed", async () => {
    const { id, session, email, password } = await person("ann");
    const [{ number }] = await sql<[{ number: string }]>`select number from chat.profiles where id = ${id}`;
    const signedIn = await visitor().auth.signInWithPassword({ email, password });
    const refreshed = await refresh(session.refresh_token);
    const tokens = [session, signedIn.data.session!, refreshed.data.session!].map(({ access_token }) => access_token);
    const claims = tokens.map((token) => decodeJwt(token));
    for (const each of claims) {
      expect(each).toMatchObject({ sub: id, user_id: Number(number), token_type: "access", jti: expect.any(String) });
      expect(each).toMatchObject({ amr: [{ method: "password", timestamp: expect.any(Number) }], aal: "aal1" });
    }
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
  });
});

describe("an anonymous user", () => {
  test("signs in, and is no user of the chat", async () => {
    const { email } = await person("bob");
    const supabase = visitor();
    const { data, error } = await supabase.auth.signInAnonymously({ options: { data: { cart: 5 } } });
    expect([error, data.user?.is_anonymous, data.user?.user_metadata]).toEqual([null, true, { cart: 5 }]);
    expect(decodeJwt(data.session!.access_token)).toMatchObject({ is_anonymous: true, role: "authenticated" });
    expect((await supabase.auth.getUser()).data.user?.is_anonymous).toBe(true);
    for (const table of ["user_status", "friendships", "posts", "rooms", "room_members", "messages"] as const) {
      expect([table, (await supabase.schema("chat").from(table).select("*")).data]).toEqual([table, []]);
    }
    const { error: refused } = await supabase.schema("chat").from("posts").insert({ title: "Hello", content: "there" });
    expect(refused?.code).toBe("23503");
    const headers = { Authorization: `Bearer ${data.session!.access_token}` };
    const me = await fetch(`${stack.status.api_url}/functions/v1/messenger/api/users/me/`, { headers });
    expect(me.status).toBe(401);
    expect(email).toContain("bob");
  });

  test("becomes a user of the chat with an email", async () => {
    const supabase = visitor();
    const { data } = await supabase.auth.signInAnonymously();
    expect((await supabase.auth.updateUser({ password: "a long secret" })).error?.code).toBe("validation_failed");
    const { error } = await supabase.auth.updateUser({ email: "kept@example.com" });
    expect(error).toBeNull();
    const { data: { session } } = await supabase.auth.refreshSession();
    expect(session?.user).toMatchObject({ id: data.user!.id, email: "kept@example.com", is_anonymous: false });
    const { data: profile } = await supabase.schema("chat").from("profiles").select("username").eq("id", data.user!.id);
    expect(profile).toEqual([{ username: "kept" }]);
    expect((await supabase.auth.updateUser({ password: "a long secret" })).error).toBeNull();
  });
});

describe("a password", () => {
  test("can be changed in a session of yesterday only with a code by mail", async () => {
    const { supabase, id, email } = await person("ann");
    await sql`update auth.sessions set created_at = now() - interval '25 h' where user_id = ${id}`;
    const change = (nonce?: string) => supabase.auth.updateUser({ password: "another secret", nonce });
    expect((await change()).error?.code).toBe("reauthentication_needed");
    expect((await change("000000")).error?.code).toBe("reauthentication_not_valid");
    expect((await supabase.auth.reauthenticate()).error).toBeNull();
    const code = await until(() => mailed(email), Boolean);
    expect((await change(/\d{6}/.exec(code!)![0])).error).toBeNull();
    expect((await visitor().auth.signInWithPassword({ email, password: "another secret" })).error).toBeNull();
  });

  test("can be changed over an API in a session of yesterday with the old one; the session continues", async () => {
    const { id, email, password, session } = await person("ann");
    await sql`update auth.sessions set created_at = now() - interval '25 h' where user_id = ${id}`;
    const answer = await fetch(`${stack.status.api_url}/functions/v1/conversations/api/auth/change-password/`, {
      method: "POST",
      headers: { "Authorization": `Bearer ${session.access_token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ old_password: password, new_password: "another secret" }),
    });
    expect([answer.status, await answer.json()]).toEqual([200, { message: "Password updated successfully" }]);
    expect((await refresh(session.refresh_token)).error).toBeNull();
    expect((await visitor().auth.signInWithPassword({ email, password: "another secret" })).error).toBeNull();
  });

  test("of less than eight characters is refused where users choose one", async () => {
    const { supabase, id } = await person("ann");
    for (
      const { error } of [
        await visitor().auth.signUp({ email: "short@example.com", password: "1234567" }),
        await supabase.auth.updateUser({ password: "1234567" }),
        await service.auth.admin.updateUserById(id, { password: "1234567" }),
      ]
    ) expect([error?.status, error?.code]).toEqual([422, "weak_password"]);
  });
});

/** The last mail to an email address, from the log. */
async function mailed(email: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  const log = await readFile(`${stack.data}/lite.log`, "utf8").catch(() => "");
  return log.split("email captured").findLast((mail) => mail.includes(`To: ${email}`));
}

describe("a mail", () => {
  test("leads to this stack, and signs in with the platform's claims", async () => {
    const { email, supabase, password } = await person("ann");
    expect((await visitor().auth.signInWithOtp({ email })).error).toBeNull();
    const mail = await until(() => mailed(email), Boolean);
    const link = /https?:\S+/.exec(mail!)![0];
    expect(link).toMatch(new RegExp(`^${stack.status.api_url}/auth/v1/verify\\?`));
    const answer = await fetch(link, { redirect: "manual" });
    const location = new URL(answer.headers.get("location")!);
    expect(location.origin).toBe(stack.status.api_url);
    const tokens = new URLSearchParams(location.hash.slice(1));
    expect(decodeJwt(tokens.get("access_token")!)).toMatchObject({
      email,
      token_type: "access",
      amr: [{ method: "otp" }],
      app_metadata: { provider: "email" },
    });
    // It was the first proof of the email: a password set before no longer works.
    expect((await supabase.auth.refreshSession()).error?.code).toBe("refresh_token_not_found");
    expect((await visitor().auth.signInWithPassword({ email, password })).error?.code).toBe("invalid_credentials");
    expect((await refresh(tokens.get("refresh_token")!)).error).toBeNull();
  });
});

describe("a link that the service generates", () => {
  const open = async (type: string, token_hash: string) =>
    await visitor().auth.verifyOtp({ type: type as "magiclink", token_hash });

  test.each(["magiclink", "recovery"] as const)("%s signs in once, by its hash or its code", async (type) => {
    const { email, id } = await person("ann");
    const { data, error } = await service.auth.admin.generateLink({ type, email });
    expect([error, data.user?.id]).toEqual([null, id]);
    expect(data.properties?.action_link).toContain(`${stack.status.api_url}/auth/v1/verify?token=`);
    expect((await open(type, data.properties!.hashed_token)).data.user?.id).toBe(id);
    expect((await open(type, data.properties!.hashed_token)).error?.code).toBe("otp_expired");
    const again = await service.auth.admin.generateLink({ type, email });
    const byCode = await visitor().auth.verifyOtp({ type: "email", email, token: again.data.properties!.email_otp });
    expect(byCode.data.user?.id).toBe(id);
  });

  test.each(["signup", "invite"] as const)("%s creates an account, and confirms it", async (type) => {
    const email = `${type}-${++people}@example.com`;
    const { data } = await service.auth.admin.generateLink({ type, email, password: "a long secret" } as never);
    expect(data.user?.email_confirmed_at).toBeUndefined();
    const opened = await open(type, data.properties!.hashed_token);
    expect(opened.data.user).toMatchObject({ id: data.user!.id, email_confirmed_at: expect.any(String) });
    const twice = await service.auth.admin.generateLink({ type, email, password: "a long secret" } as never);
    expect(twice.error?.code).toBe("email_exists");
  });

  test("magiclink of a new user signs up", async () => {
    const email = `new-${++people}@example.com`;
    const { data } = await service.auth.admin.generateLink({ type: "magiclink", email });
    expect(data.properties?.verification_type).toBe("signup");
    expect((await open("signup", data.properties!.hashed_token)).data.user?.email).toBe(email);
  });

  test("changes an email, confirmed from the old one", async () => {
    const { email } = await person("ann");
    const newEmail = `changed-${email}`;
    const { data } = await service.auth.admin.generateLink({ type: "email_change_current", email, newEmail });
    expect((await open("email_change", data.properties!.hashed_token)).data.user?.email).toBe(newEmail);
  });

  test("for an unknown user, or with bad options, is refused by name", async () => {
    const { email } = await person("ann");
    const ask = async (body: object) => (await service.auth.admin.generateLink(body as never)).error?.code;
    expect(await ask({ type: "recovery", email: "nobody@example.com" })).toBe("user_not_found");
    expect(await ask({ type: "signup", email: "x@example.com" })).toBe("validation_failed");
    expect(await ask({ type: "magic", email })).toBe("validation_failed");
    expect(await ask({ type: "magiclink", email: "no address" })).toBe("validation_failed");
    expect(await ask({ type: "email_change_new", email, newEmail: email })).toBe("email_exists");
    const visiting = await visitor().auth.admin.generateLink({ type: "magiclink", email });
    expect(visiting.error?.status).toBe(401);
  });
});
