import type { Sql } from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { type Answer, send } from "../support/addresses.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { refusal } from "../support/refusals.ts";
import { logins } from "./apis.ts";

// Attempts count against the address that all tests come from, and times are compared: hence a stack of its own.
let stack: Stack;
let sql: Sql;

beforeAll(async () => {
  stack = await startStack({ env: { PARLEY_PASSWORD_COST: "10" } });
  sql = database(stack.status);
  const password = "correct horse";
  await post("messenger/api/auth/register/", { username: "ann", password });
  await post("messenger/api/auth/register/", { username: "cat", password, email: "cat@example.com" });
});

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

const forget = () => sql`delete from chat_private.login_attempts`;
afterEach(async () => void await forget());

const post = (path: string, body: unknown, options = {}) =>
  send(`${stack.status.functions_url}/${path}`, body, options);

const LOGINS = [...logins.keys()];
const tryAll = (paths: string[], username: string, password: string, options = {}) =>
  Promise.all(paths.map((path) => post(path, { username, password }, options)));
const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort();
/** The same for wrong passwords: "wrong" where a login answers the status that it has for them. */
const outcomes = (paths: string[], answers: Answer[]) =>
  answers.map(({ status }, at) => status === logins.get(paths[at]!) ? "wrong" : status).sort();

test("the account that stands in for unknown names cannot log in", async () => {
  const email = "nobody@users.parley.invalid";
  const headers = { apikey: stack.status.publishable_key };
  const taken = await send(`${stack.status.api_url}/auth/v1/signup`, { email, password: "a trap for others" }, {
    headers,
  });
  expect(taken.status).toBe(200);
  const { status, body } = await post(LOGINS[0]!, { username: "who-is-that", password: "a trap for others" });
  expect([status, body.code]).toEqual([401, "no_active_account"]);
});

test("wrong passwords for one account throttle its caller, across all APIs and in parallel", async () => {
  await sql`update chat_private.login_limits set first_wait = '30 s'`;
  const paths = [...LOGINS, ...LOGINS, ...LOGINS];
  expect(outcomes(paths, await tryAll(paths, "ann", "wrong"))).toEqual([
    ...Array(paths.length - 10).fill(429),
    ...Array(10).fill("wrong"),
  ]);
  for (const [at, { status, body, headers }] of (await tryAll(LOGINS, "ann", "correct horse")).entries()) {
    expect(status).toBe(429);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(30);
    const detail = expect.stringMatching(/^Too many wrong passwords/);
    expect(body).toEqual(refusal(LOGINS[at]!.split("/")[0]!, { detail, code: "too_many_attempts" }));
  }
  await sql`update chat_private.login_attempts set wait_until = now()`;
  expect((await post(LOGINS[0]!, { username: "ann", password: "correct horse" })).status).toBe(200);
  expect(statuses(await tryAll(LOGINS, "ann", "correct horse"))).toEqual(Array(LOGINS.length).fill(200));
  await sql`update chat_private.login_limits set first_wait = default`;
});

test("a user can log in however many wrong passwords others tried", async () => {
  await tryAll([...LOGINS, ...LOGINS, ...LOGINS], "ann", "wrong", { from: "127.0.0.2" });
  expect((await post(LOGINS[0]!, { username: "ann", password: "correct horse" }, { from: "127.0.0.2" })).status).toBe(
    429,
  );
  expect(statuses(await tryAll(LOGINS, "ann", "correct horse"))).toEqual(Array(LOGINS.length).fill(200));
});

test("a made-up client address is ignored", async () => {
  const paths = Array.from({ length: 12 }, (_, turn) => LOGINS[turn % LOGINS.length]!);
  const answers = await Promise.all(paths.map((path, turn) => {
    const headers = {
      "X-Forwarded-For": `10.0.0.${turn}`,
      "CF-Connecting-IP": `10.0.1.${turn}`,
      "X-Real-IP": "10.0.2.1",
    };
    return post(path, { username: "ann", password: "wrong" }, { headers });
  }));
  expect(outcomes(paths, answers)).toEqual([429, 429, ...Array(10).fill("wrong")]);
});

test("throttling does not reveal which email belongs to a username", async () => {
  const email = "bea@example.com";
  await post("messenger/api/auth/register/", { username: "bea", password: "correct horse", email });
  await tryAll([...LOGINS, ...LOGINS], "BEA", "wrong");
  for (const [name, status] of [["bea", 429], [email, 401], ["eve@example.com", 401]] as const) {
    expect([name, (await post(LOGINS[0]!, { username: name, password: "wrong" })).status]).toEqual([name, status]);
  }
});

test("wrong passwords from one address throttle it, for all accounts", async () => {
  await sql`update chat_private.login_limits set per_address = ${LOGINS.length}`;
  const answers = [];
  for (const path of LOGINS) answers.push(await post(path, { username: `ann${answers.length}`, password: "x" }));
  expect(answers.map(({ status }) => status)).toEqual([...logins.values()]);
  expect((await post(LOGINS[0]!, { username: "ann", password: "correct horse" })).status).toBe(429);
  const elsewhere = { from: "127.0.0.3" };
  expect((await post(LOGINS[0]!, { username: "ann", password: "correct horse" }, elsewhere)).status).toBe(200);
  await sql`update chat_private.login_limits set per_address = 100`;
});

test("right passwords do not count", async () => {
  const answers = [];
  for (let turn = 0; turn < 12; turn++) {
    answers.push(await post(LOGINS[0]!, { username: "ann", password: "correct horse" }));
  }
  expect(statuses(answers)).toEqual(Array(12).fill(200));
});

/** Whether two responses take equally long; the quickest of each, since other work on the machine only adds to them. */
function expectAlike(one: Answer[], other: Answer[]): void {
  expect(one.map(({ body, status }) => [status, body])).toEqual(other.map(({ body, status }) => [status, body]));
  const [least, leastOther] = [one, other].map((answers) => Math.min(...answers.map(({ took }) => took)));
  expect(least! / leastOther!).toBeGreaterThan(0.5);
  expect(least! / leastOther!).toBeLessThan(2);
}

test("an unknown name, and an account without a password, get the response of a wrong password, as slowly", async () => {
  await post("messenger/api/auth/register/", { username: "guest", password: "correct horse" });
  await sql`update auth.users set encrypted_password = null
    where id = (select id from chat.profiles where username = 'guest')`;
  const [known, unknown, without]: Answer[][] = [[], [], []];
  for (let turn = 0; turn < 12; turn++) {
    known!.push(await post(LOGINS[0]!, { username: "ann", password: "wrong" }));
    unknown!.push(await post(LOGINS[0]!, { username: `nobody-${turn}`, password: "wrong" }));
    without!.push(await post(LOGINS[0]!, { username: "guest", password: "wrong" }));
    await forget();
  }
  expectAlike(unknown!, known!);
  expectAlike(without!, known!);
});

test("Auth throttles wrong passwords by address", async () => {
  const email = "cat@example.com";
  const headers = { apikey: stack.status.publishable_key, "X-Forwarded-For": "10.0.0.1" };
  const url = `${stack.status.api_url}/auth/v1/token?grant_type=password`;
  const wrong = () => send(url, { email, password: "wrong" }, { from: "127.0.0.4", headers });
  const answers = await Promise.all(Array.from({ length: 60 }, wrong));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(10);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(30);
  expect(refused[0]!.body.error_code).toBe("over_request_rate_limit");
  const right = { email, password: "correct horse" };
  expect((await send(url, right, { from: "127.0.0.4", headers })).status).toBe(429);
  expect((await send(url, right, { headers })).status).toBe(200);
  expect((await post(LOGINS[0]!, { username: "cat", password: "correct horse" }, { from: "127.0.0.4" })).status).toBe(
    200,
  );
});

test("Auth accepts many right passwords at once", async () => {
  const headers = { apikey: stack.status.publishable_key };
  const right = { email: "cat@example.com", password: "correct horse" };
  const url = `${stack.status.api_url}/auth/v1/token?grant_type=password`;
  const answers = await Promise.all(Array.from({ length: 40 }, () => send(url, right, { from: "127.0.0.5", headers })));
  expect(statuses(answers)).toEqual(Array(40).fill(200));
});

test("Auth responds to an unknown email as to a known one, as slowly", async () => {
  const headers = { apikey: stack.status.publishable_key };
  const ask = (path: string, body: object) => send(`${stack.status.api_url}/auth/v1/${path}`, body, { headers });
  for (
    const [path, body] of [
      ["token?grant_type=password", { password: "wrong" }],
      ["recover", {}],
      ["otp", {}],
      ["otp", { create_user: false }],
      ["magiclink", {}],
      ["resend", { type: "signup" }],
    ] as const
  ) {
    const [known, unknown]: Answer[][] = [[], []];
    for (let turn = 0; turn < 4; turn++) {
      known!.push(await ask(path, { email: "cat@example.com", ...body }));
      unknown!.push(await ask(path, { email: `nobody-${turn}${path.length}@example.com`, ...body }));
    }
    expectAlike(unknown!, known!);
  }
});
