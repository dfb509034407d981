import { createHash, pbkdf2Sync } from "node:crypto";
import bcrypt from "bcryptjs";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database } from "../../support/clients.ts";
import { type Stack, startStack } from "../../support/stack.ts";
import { logins } from "../apis.ts";

// A refusal takes a second where people were imported, and times are compared: hence a stack of its own.
let stack: Stack;
let sql: Sql;

const PASSWORD = "correct horse";
/** What Django 5.2 has made of the password. */
const HASHES = {
  pbkdf2_sha256: "pbkdf2_sha256$1000000$FPc2DrfrfElh5iTPnRZJwW$P2YVARZxIxQS9iybFmp3EX6jbgJhCdtxSpMJwlDA0t4=",
  pbkdf2_sha1: "pbkdf2_sha1$1000000$B8mc1dQSucMQVpdz7g7R0r$A2TuB39rlO09Fs1CBGPQLuXstBM=",
  bcrypt_sha256: "bcrypt_sha256$$2b$12$icZ0d572TIe3GlijRnGdqeHvefVKgFRA89CV/UVBPQPNsdIduG7ta",
  scrypt: "scrypt$16384$0yolt9uaTYUqpVX7OiFQUV$8$5$" +
    "YPmTooKoCVTJYk0zbmMtljcyKDpm5yl4z0Y3gIK4K8+qLhTVuU1Fo1vMalBeV0S/0doZfadtohoFglGLzcWEmQ==",
};
/** Those that Auth checks, as the import writes them. */
const OF_AUTH = {
  argon2: "$argon2id$v=19$m=102400,t=2,p=8$MmxNOHZHOU80U3RBeHY1VHpiYVZnOA$qu9Z7L+N4wOtw20oFA+SZzCjGzOWA7v8XQbUry0MHjE",
  bcrypt: "$2b$12$WoAJjMP26Noka2Y5AC166edW4H4IYNPv6RS1P0kdmWBIM11ukNVnC",
};
const pbkdf2 = (digest: string) => pbkdf2Sync(PASSWORD, "salt", 20_000, digest === "sha1" ? 20 : 32, digest);
/** Of older versions of Django, which are checked within the second of a refusal on slow machines as well. */
const QUICK = {
  pbkdf2_sha256: `pbkdf2_sha256$20000$salt$${pbkdf2("sha256").toString("base64")}`,
  pbkdf2_sha1: `pbkdf2_sha1$20000$salt$${pbkdf2("sha1").toString("base64")}`,
  bcrypt_sha256: `bcrypt_sha256$${bcrypt.hashSync(createHash("sha256").update(PASSWORD).digest("hex"), 10)}`,
  scrypt: HASHES.scrypt,
};
const LOGINS = [...logins.keys()];

beforeAll(async () => {
  stack = await startStack({ env: { PARLEY_PASSWORD_COST: "10" } });
  sql = database(stack.status);
  await sql`update chat_private.login_limits set per_address = 1000000, per_account = 1000000`;
  await sql`insert into chat_private.imports (name, kind) values ('old', 'messenger')`;
});

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

let made = 0;

/** A person as the import makes one. */
async function imported({ hash, password }: { hash?: string; password?: string }) {
  const [id, username] = [crypto.randomUUID(), `person${++made}`];
  const email = `${username}@example.com`;
  await sql`
    insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
      created_at, updated_at, confirmation_token, recovery_token, email_change, email_change_token_new
    ) values (
      '00000000-0000-0000-0000-000000000000', ${id}, 'authenticated', 'authenticated', ${email}, ${
    password ?? null
  }, now(),
      '{"provider": "email", "providers": ["email"], "imported_from": "old"}', ${sql.json({ username })},
      now(), now(), '', '', '', ''
    )`;
  if (hash) await sql`insert into chat_private.old_passwords (user_id, hash) values (${id}, ${hash})`;
  return { id, username, email };
}

async function login(path: string, username: string, password: string) {
  const began = performance.now();
  const response = await fetch(`${stack.status.functions_url}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  return { status: response.status, body: await response.json(), took: performance.now() - began };
}

const hashesOf = (id: string) => sql`select hash from chat_private.old_passwords where user_id = ${id}`;
const signIn = (email: string, password: string) =>
  client({ stack: stack.status }).auth.signInWithPassword({ email, password });

// One after the other: a person who waits five seconds for such a check is asked to try again.
test.each(Object.entries(HASHES))(
  "a password of the kind %s signs in, and is Auth's from then on",
  async (_, hash) => {
    const { id, username, email } = await imported({ hash });
    expect((await signIn(email, PASSWORD)).error?.code).toBe("invalid_credentials");
    const wrong = await login(LOGINS[0]!, username, "wrong horse");
    expect([wrong.status, wrong.body.code]).toEqual([401, "no_active_account"]);
    expect(await hashesOf(id)).toEqual([{ hash }]);
    expect((await login(LOGINS[0]!, username, PASSWORD)).status).toBe(200);
    expect(await hashesOf(id)).toEqual([]);
    expect((await login(LOGINS[0]!, username, PASSWORD)).status).toBe(200);
    expect((await login(LOGINS[0]!, username, "wrong horse")).status).toBe(401);
    expect((await signIn(email, PASSWORD)).data.user?.id).toBe(id);
  },
);

test.concurrent.each(Object.entries(OF_AUTH))(
  "a password of the kind %s is checked by Auth itself",
  async (_, password) => {
    const { id, username, email } = await imported({ password });
    expect((await login(LOGINS[0]!, username, "wrong horse")).status).toBe(401);
    expect((await login(LOGINS[0]!, username, PASSWORD)).status).toBe(200);
    expect((await signIn(email, PASSWORD)).data.user?.id).toBe(id);
  },
);

test.concurrent.each(LOGINS)("the first sign-in may be POST /%s, by username or by address", async (path) => {
  for (const name of ["username", "email"] as const) {
    const person = await imported({ hash: QUICK.pbkdf2_sha256 });
    expect((await login(path, person[name], "wrong horse")).status).toBe(logins.get(path));
    expect((await login(path, person[name], PASSWORD)).status).toBe(200);
    expect(await hashesOf(person.id)).toEqual([]);
  }
});

test.concurrent("two first sign-ins at once both get a session that stays", async () => {
  const { username } = await imported({ hash: QUICK.pbkdf2_sha256 });
  const answers = await Promise.all([1, 2, 3].map(() => login(LOGINS[0]!, username, PASSWORD)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const { body } of answers) {
    const { error } = await client({ stack: stack.status }).auth.refreshSession({ refresh_token: body.refresh });
    expect(error).toBeNull();
  }
});

test.concurrent("a new password by an operator or by mail ends the old one", async () => {
  const { id, username } = await imported({ hash: QUICK.pbkdf2_sha256 });
  const admin = client({ stack: stack.status, key: stack.status.secret_key }).auth.admin;
  expect((await admin.updateUserById(id, { password: "another horse" })).error).toBeNull();
  expect(await hashesOf(id)).toEqual([]);
  expect((await login(LOGINS[0]!, username, PASSWORD)).status).toBe(401);
  expect((await login(LOGINS[0]!, username, "another horse")).status).toBe(200);
});

test.concurrent("a banned person does not get in, and keeps the hash", async () => {
  const { id, username } = await imported({ hash: QUICK.pbkdf2_sha256 });
  await sql`update auth.users set banned_until = '2126-01-01' where id = ${id}`;
  expect((await login(LOGINS[0]!, username, PASSWORD)).status).toBe(401);
  expect(await hashesOf(id)).toHaveLength(1);
});

test.concurrent.each([
  "pbkdf2_sha256$900000000$salt$P2YVARZxIxQS9iybFmp3EX6jbgJhCdtxSpMJwlDA0t4=",
  "pbkdf2_sha256$1000$salt$AAAA",
  "scrypt$1048576$salt$64$16$P2YVARZxIxQS9iybFmp3EX6jbgJhCdtxSpMJwlDA0t4=",
  "bcrypt_sha256$$2b$31$icZ0d572TIe3GlijRnGdqeHvefVKgFRA89CV/UVBPQPNsdIduG7ta",
  "md5$salt$0cc175b9c0f1b6a831c399e269772661",
  "pbkdf2_sha256$$$",
])("a hash that is malformed or costs too much lets nobody in: %s", async (hash) => {
  const { username } = await imported({ hash });
  const { status, took } = await login(LOGINS[0]!, username, PASSWORD);
  expect(status).toBe(401);
  expect(took).toBeLessThan(2500);
});

test.concurrent("a password longer than Auth takes is refused, and the hash stays", async () => {
  const { id, username } = await imported({ hash: QUICK.pbkdf2_sha256 });
  expect((await login(LOGINS[0]!, username, "x".repeat(100))).status).toBe(401);
  expect(await hashesOf(id)).toHaveLength(1);
});

test("an unknown name, and a wrong password of every kind, get the same answer after the same time", async () => {
  const people = await Promise.all([
    ...Object.values(QUICK).map((hash) => imported({ hash })),
    ...[OF_AUTH.argon2, bcrypt.hashSync(PASSWORD, 10)].map((password) => imported({ password })),
    imported({}),
  ]);
  const names = [...people.map(({ username }) => username), "nobody-has-this-name"];
  // The shortest of each counts: what else the machine does only adds to the others. A difference of ours stays.
  const shortest = new Map(names.map((name) => [name, Infinity]));
  const spread = () => Math.max(...shortest.values()) - Math.min(...shortest.values());
  for (let round = 0; round < 3 || (round < 8 && spread() >= 150); round++) {
    const bodies = new Set<string>();
    for (const name of names) {
      const { status, body, took } = await login(LOGINS[round % LOGINS.length]!, name, "wrong horse");
      bodies.add(JSON.stringify([status, body]));
      shortest.set(name, Math.min(shortest.get(name)!, took));
    }
    expect(bodies.size).toBe(1);
  }
  expect(spread()).toBeLessThan(150);
}, 120_000);
