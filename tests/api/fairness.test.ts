import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import postgres from "postgres";
import { openChat } from "../relay/socket.ts";
import { startWorker } from "../relay/worker.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { uniqueName } from "../support/users.ts";

// One user's requests wait for a lock here, as very expensive ones would: hence a stack of its own.
let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>> | undefined;
let locks: postgres.Sql[] = [];

beforeAll(async () => void (stack = await startStack()));
afterAll(() => stack.stop());
afterEach(async () => {
  await unlock();
  await worker?.stop();
});

/** Starts a worker with that many connections; registers two users, and a chat of the first. */
async function begin(size: number) {
  worker = await startWorker({ DB_POOL_SIZE: `${size}` }, stack.status);
  const [ann, eve] = [await register("ann"), await register("eve")];
  return { ann, eve, chat: await newGroup(ann) };
}

interface Registered {
  username: string;
  access: string;
}

const password = "correct horse";

async function register(name: string): Promise<Registered> {
  const username = uniqueName(name);
  const { body } = await ask("/api/auth/register/", {}, { username, password });
  return { username, access: body.access };
}

async function newGroup(person: Registered): Promise<number> {
  return (await ask("/api/chats/", person, { type: "group", name: "A group", members: [] })).body.id;
}

/** Holds a lock until `unlock`. */
async function lock(statement: string): Promise<void> {
  const sql = postgres(stack.status.db_url, { max: 1 });
  locks.push(sql);
  await sql.unsafe(`begin; set local idle_in_transaction_session_timeout = 0; ${statement}`);
}

async function unlock(): Promise<void> {
  for (const sql of locks) await sql.end({ timeout: 0 });
  locks = [];
}

const lockRoom = (id: number) => lock(`select from chat.rooms where id = ${id} for update`);
/** Of the routes used here, only the search of users reads it. */
const lockStatus = () => lock("lock table chat.user_status in access exclusive mode");

interface Asked {
  status: number;
  seconds: number;
  retryAfter: string | null;
  // deno-lint-ignore no-explicit-any
  body: any;
}

async function ask(path: string, { access }: { access?: string }, body?: object, signal?: AbortSignal): Promise<Asked> {
  const started = performance.now();
  const response = await fetch(`${worker!.url}/messenger${path}`, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", ...(access && { Authorization: `Bearer ${access}` }) },
    body: body && JSON.stringify(body),
    signal,
  });
  const answer = { status: response.status, retryAfter: response.headers.get("Retry-After") };
  return { ...answer, body: await response.json(), seconds: (performance.now() - started) / 1000 };
}

const login = (username: string, password: string) => ask("/api/auth/login/", {}, { username, password });
const search = (person: Registered, signal?: AbortSignal) => ask("/api/users/?search=e", person, undefined, signal);
const send = (person: { access: string }, chat: number) => ask("/api/messages/", person, { chat, text: "Hello" });

/** The slowest of a few requests of another user; none is refused. */
async function worst({ username, access }: Registered, chat: number, mayLogIn = true): Promise<number> {
  let seconds = 0;
  for (let turn = 0; turn < 5; turn++) {
    const answers = [await send({ access }, chat), await ask("/api/chats/", { access })];
    if (mayLogIn) answers.push(await login(username, password));
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200].slice(0, answers.length));
    seconds = Math.max(seconds, ...answers.map(({ seconds }) => seconds));
  }
  return seconds;
}

/** At most ten times as long as without load. */
const bearable = (quiet: number) => Math.max(quiet * 10, 1);

/** Sends requests in that many loops until stopped; returns the responses. */
function loops(count: number, once: () => Promise<Asked>) {
  const answers: Asked[] = [];
  let isStopped = false;
  const all = Array.from({ length: count }, async () => {
    while (!isStopped) answers.push(await once());
  });
  return { answers, stop: () => (isStopped = true, Promise.all(all)) };
}

const DENIED = { detail: "Request was throttled. Expected available in 1 second.", code: "throttled" };

test.each([
  [1, 16],
  [3, 40],
  [8, 100],
])("with %i connections, %i loops of a slow search do not delay other users", async (size, count) => {
  const { ann, eve, chat } = await begin(size);
  const quiet = await worst(ann, chat);
  await lockStatus();
  const { answers, stop } = loops(count, () => search(eve));
  expect(await worst(ann, chat)).toBeLessThan(bearable(quiet));
  await expect.poll(() => answers.some(({ body }) => body.code === "too_slow")).toBe(true);
  await stop();
  for (const { status, retryAfter, body } of answers) {
    expect([429, 503]).toContain(status);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    if (status === 429) expect(body).toEqual(DENIED);
  }
  // One that runs and sixteen that wait.
  if (count > 17) expect(answers.some(({ status }) => status === 429)).toBe(true);
  await unlock();
  expect((await search(eve)).status).toBe(200);
});

test.each([3, 8])("with %i connections, slow requests of one user do not delay other users", async (size) => {
  const { ann, eve, chat } = await begin(size);
  const locked = await newGroup(eve);
  const quiet = await worst(ann, chat);
  await lockRoom(locked);
  const sending = Array.from({ length: 120 }, () => send(eve, locked));
  expect(await worst(ann, chat)).toBeLessThan(bearable(quiet));
  await unlock();
  const answers = await Promise.all(sending);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.map(({ status, body }) => [status, body])).toEqual(refused.map(() => [429, DENIED]));
  // A hundred wait. Of eight connections she has two, and up to four while Ann does not need them.
  if (size === 8) expect(refused.length).toBeOneOf([16, 17, 18]);
  else expect(refused.length).toBe(19);
});

test("slow frames on one user's sockets do not delay other users", async () => {
  const { ann, eve, chat } = await begin(3);
  const locked = await newGroup(eve);
  const quiet = await worst(ann, chat);
  const [hers, ...sockets] = await Promise.all([
    openChat(ann, chat, "", worker!.url),
    ...Array.from({ length: 20 }, () => openChat(eve, locked, "", worker!.url)),
  ]);
  await lockRoom(locked);
  for (const socket of sockets) socket.send({ type: "message", text: "Wait" });
  expect(await worst(ann, chat)).toBeLessThan(bearable(quiet));
  const started = performance.now();
  hers!.send({ type: "message", text: "From a socket" });
  await hers!.next({ type: "message", text: "From a socket" });
  expect((performance.now() - started) / 1000).toBeLessThan(bearable(quiet));
  await unlock();
  await sockets[0]!.next({ type: "message" });
});

test("slow logins do not delay users who are signed in", async () => {
  const { ann, chat } = await begin(3);
  const quiet = await worst(ann, chat, false);
  await lock("lock table chat_private.login_attempts in access exclusive mode");
  const logins = Array.from({ length: 8 }, (_, turn) => login(`nobody-${turn}`, "wrong"));
  expect(await worst(ann, chat, false)).toBeLessThan(bearable(quiet));
  await unlock();
  expect(new Set((await Promise.all(logins)).map(({ status }) => status))).toEqual(new Set([401]));
});

test("a client that disconnects frees its place in the queue of searches", async () => {
  const { eve } = await begin(3);
  await lockStatus();
  const leaving = new AbortController();
  const first = search(eve);
  const others = Array.from({ length: 16 }, () => search(eve, leaving.signal).catch(() => undefined));
  await expect.poll(async () => (await search(eve)).status, { interval: 1 }).toBe(429);
  leaving.abort();
  await Promise.all(others);
  const next = search(eve);
  expect((await first).status).toBe(503);
  await unlock();
  expect((await next).status).toBe(200);
});
