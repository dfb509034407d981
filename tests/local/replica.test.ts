import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorker } from "../relay/worker.ts";
import { leaveTokens } from "../support/buckets.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { Wire } from "../support/tcp.ts";
import { until } from "../support/until.ts";
import { newUser, type User } from "../support/users.ts";

/** How many reads after a write are checked. */
const READS = Number(process.env.PARLEY_READS ?? 200);

let stack: Stack;
let worker: Awaited<ReturnType<typeof startWorker>>;
let primary: Sql;
let replica: Sql;
let wire: Wire;
let ann: User;
let bob: User;
let chat: number;

beforeAll(async () => {
  stack = await startStack({ args: ["--replica"] });
  const { db_url, replica_url } = stack.status;
  const { admin_password } = JSON.parse(await readFile(join(stack.data, "keys.json"), "utf8"));
  const asAdmin = (url: string) =>
    postgres(url.replace(/\/\/.*@/, `//supabase_admin:${admin_password}@`), { max: 1, onnotice: () => {} });
  primary = asAdmin(db_url);
  replica = asAdmin(replica_url!);
  wire = new Wire(Number(new URL(replica_url!).port));
  const url = new URL(replica_url!);
  url.port = String(await wire.listen());
  worker = await startWorker({ DB_REPLICA_URL: url.href, DB_POOL_SIZE: "8" }, stack.status);
  ann = await newUser("ann", stack.status);
  bob = await newUser("bob", stack.status);
  const { data } = await ann.supabase.rpc("create_group_room", { name: "Reads", member_ids: [bob.id] });
  chat = data!.id;
  await sendAndRead();
  await untilUsed();
});

afterAll(async () => {
  await Promise.all([primary?.end(), replica?.end(), worker?.stop()]);
  wire?.close();
  await stack?.stop();
});

async function ask(path: string, { token } = ann, body?: object) {
  const response = await fetch(`${worker.url}/messenger/api/${path}`, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function texts(user: User = ann): Promise<string[]> {
  const { status, body } = await ask(`messages/?chat=${chat}&limit=20`, user);
  expect(status).toBe(200);
  return body.map(({ text }: { text: string }) => text);
}

/** How many pages of history a server has read, and blocks for all statements. */
async function work(server: Sql): Promise<{ pages: number; blocks: number }> {
  const [row] = await server<[{ pages: number; blocks: number }]>`
    select coalesce(sum(calls) filter (where query like '%with_receipts%'), 0)::integer as pages,
      sum(shared_blks_hit + shared_blks_read)::integer as blocks
    from extensions.pg_stat_statements`;
  return row;
}

/** Resolves when reads go to the replica. */
async function untilUsed(): Promise<void> {
  await until(async () => {
    const before = await work(replica);
    await texts();
    return (await work(replica)).pages > before.pages;
  }, Boolean);
}

/** Reads a page of history, and resolves to whether the primary has answered it. */
async function isFromPrimary(): Promise<boolean> {
  const before = await work(primary);
  await texts();
  return (await work(primary)).pages > before.pages;
}

let sent = 0;
/** Sends a message, and checks that the next reads of both people have it. */
async function sendAndRead(through: "functions" | "Data API" = "functions"): Promise<void> {
  const text = `message ${++sent}`;
  const { version } = through === "functions"
    ? (await ask("messages/", ann, { chat, text })).body
    : (await ann.supabase.rpc("send_message", { room_id: chat, content: text })).data;
  const [mine, theirs, chats, sync] = await Promise.all([
    texts(),
    texts(bob),
    ask("chats/", bob),
    ask(`chats/${chat}/sync/?since=${version - 1}`),
  ]);
  expect(mine).toContain(text);
  expect(theirs).toContain(text);
  expect(JSON.stringify(sync.body.changes)).toContain(text);
  expect(chats.body[0].last_seq).toBeGreaterThanOrEqual(sent);
}

test("no read misses what was written before it, by whom and through what door", async () => {
  await primary`update chat_private.limits set cost = 0`;
  const before = await work(replica);
  for (let checked = 0; checked < READS; checked += 4) await sendAndRead(checked % 8 ? "functions" : "Data API");
  expect((await work(replica)).pages - before.pages).toBeGreaterThan(0);
});

test("the primary does less than half of the work of reads, and all of it when the replica is cut off", async () => {
  const read = async () => {
    const before = await work(primary);
    for (let n = 0; n < 50; n++) await Promise.all([texts(), ask("chats/")]);
    return (await work(primary)).blocks - before.blocks;
  };
  wire.become("cut");
  await until(isFromPrimary, Boolean);
  const alone = await read();
  await sendAndRead();
  wire.become("open");
  await untilUsed();
  // A slow machine may be behind for a moment, and then reads from the primary for a second.
  await until(read, (withReplica) => withReplica < alone / 2);
});

test("the primary answers while the replica does not", async () => {
  await untilUsed();
  wire.become("silent");
  await sendAndRead();
  await sendAndRead("Data API");
  expect(await isFromPrimary()).toBe(true);
  wire.become("cut");
  wire.become("open");
  await untilUsed();
});

test("the primary answers while the replica lags behind", async () => {
  await untilUsed();
  await replica`select pg_wal_replay_pause()`;
  await sendAndRead();
  expect(await isFromPrimary()).toBe(true);
  await replica`select pg_wal_replay_resume()`;
  await untilUsed();
  await sendAndRead();
});

test("a suspension ends reads on the replica at once", async () => {
  await untilUsed();
  await primary`insert into chat.suspensions (user_id) values (${bob.id})`;
  expect((await ask(`messages/?chat=${chat}`, bob)).status).toBe(403);
  await primary`delete from chat.suspensions`;
  expect((await ask(`messages/?chat=${chat}`, bob)).status).toBe(200);
});

test("a search on the replica counts like any other", async () => {
  await primary`update chat_private.limits set cost = 1 where action = 'search'`;
  await leaveTokens(primary, ann.id, "search", 2);
  await untilUsed();
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await ask("messages/search/?q=message")).status);
  expect(statuses).toEqual([200, 200, 429]);
  await primary`update chat_private.limits set cost = 0`;
  await until(async () => {
    await ask("messages/search/?q=message");
    const [row] = await replica<[{ searches: number }]>`
      select coalesce(sum(calls), 0)::integer as searches
      from extensions.pg_stat_statements where query like '%search_messages(%'`;
    return row.searches;
  }, (searches) => searches > 0);
});

test("a replica that was promoted is not read any more", async () => {
  await untilUsed();
  await replica`select pg_promote()`;
  await sendAndRead();
  expect(await isFromPrimary()).toBe(true);
  const before = await work(replica);
  await sendAndRead();
  expect((await work(replica)).pages).toBe(before.pages);
});
