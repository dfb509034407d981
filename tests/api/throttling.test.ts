import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";

// What is tried here counts against the address that all tests come from, hence a stack of its own.
let stack: Stack;
let sql: postgres.Sql;

beforeAll(async () => {
  stack = await startStack();
  sql = postgres(stack.status.db_url, { max: 1 });
  await post("messenger/api/auth/register/", { username: "ann", password: "correct horse" });
});

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

async function post(path: string, body: unknown) {
  const begin = performance.now();
  const response = await fetch(`${stack.status.functions_url}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = { status: response.status, body: await response.json(), headers: response.headers };
  return { ...answer, took: performance.now() - begin };
}

const DOORS = [
  "messenger/api/auth/login/",
  "mini-chat/api/auth/login/",
  "chat-sessions/api/v1/auth/login/",
  "social/accounts/api/token/",
  "conversations/api/auth/login/",
];
const forget = () => sql`delete from chat_private.login_attempts`;
const tryAll = (doors: string[], username: string, password: string) =>
  Promise.all(doors.map((door) => post(door, { username, password })));

test("whoever took the account that unknown names are tried with signs nobody in", async () => {
  const email = "nobody@users.parley.invalid";
  const taken = await fetch(`${stack.status.api_url}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: stack.status.publishable_key, "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: "a trap for others" }),
  });
  expect(taken.status).toBe(200);
  const { status, body } = await post(DOORS[0]!, { username: "who-is-that", password: "a trap for others" });
  expect([status, body.code]).toEqual([401, "no_active_account"]);
});

test("wrong passwords for one account are throttled through every door, many at once and the right one too", async () => {
  const begin = Date.now();
  const answers = await tryAll([...DOORS, ...DOORS, ...DOORS], "ann", "wrong");
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), ...Array(5).fill(429)]);
  for (const { status, body, headers } of await tryAll(DOORS, "ann", "correct horse")) {
    expect(status).toBe(429);
    const passed = Math.ceil((Date.now() - begin) / 1000);
    expect(Number(headers.get("Retry-After"))).toBeGreaterThanOrEqual(300 - passed);
    expect(Number(headers.get("Retry-After"))).toBeLessThanOrEqual(300);
    expect(body).toEqual({ detail: expect.stringMatching(/^Too many wrong passwords/), code: "too_many_attempts" });
  }
  await forget();
  expect((await tryAll(DOORS, "ann", "correct horse")).map(({ status }) => status)).toEqual(Array(5).fill(200));
});

test("what is throttled does not tell which address belongs to a name", async () => {
  const email = "bea@example.com";
  await post("messenger/api/auth/register/", { username: "bea", password: "correct horse", email });
  await tryAll([...DOORS, ...DOORS], "BEA", "wrong");
  for (const [name, status] of [["bea", 429], [email, 401], ["eve@example.com", 401]] as const) {
    expect([name, (await post(DOORS[0]!, { username: name, password: "wrong" })).status]).toEqual([name, status]);
  }
  await forget();
});

test("wrong passwords from one address are throttled, whosever they are", async () => {
  await sql`update chat_private.login_limits set per_address = 5`;
  const statuses = [];
  for (const door of DOORS) {
    statuses.push((await post(door, { username: `ann${statuses.length}`, password: "x" })).status);
  }
  expect(statuses).toEqual(Array(5).fill(401));
  expect((await post(DOORS[0]!, { username: "ann", password: "correct horse" })).status).toBe(429);
  await sql`update chat_private.login_limits set per_address = 100`;
  await forget();
});

test("right passwords do not count", async () => {
  const statuses = [];
  for (let turn = 0; turn < 12; turn++) {
    statuses.push((await post(DOORS[0]!, { username: "ann", password: "correct horse" })).status);
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test("an unknown name is answered as a wrong password is, and takes as long", async () => {
  const known = [];
  const unknown = [];
  for (let turn = 0; turn < 12; turn++) {
    known.push(await post(DOORS[0]!, { username: "ann", password: "wrong" }));
    unknown.push(await post(DOORS[0]!, { username: `nobody-${turn}`, password: "wrong" }));
    await forget();
  }
  expect(unknown.map(({ body, status }) => [status, body])).toEqual(known.map(({ body, status }) => [status, body]));
  // The quickest of each: what else the machine does only adds to the others.
  const [least, leastKnown] = [unknown, known].map((answers) => Math.min(...answers.map(({ took }) => took)));
  expect(least! / leastKnown!).toBeGreaterThan(0.5);
  expect(least! / leastKnown!).toBeLessThan(2);
});
