import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { type Stack, startStack } from "../../support/stack.ts";

// A stack of its own, because connections are cut here.
let stack: Stack;
let sql: Sql;

beforeAll(async () => {
  stack = await startStack();
  sql = database(stack.status);
});

afterAll(async () => {
  await sql.end();
  await stack.stop();
});

async function call(path: string, body?: unknown, token?: string) {
  const response = await fetch(`${stack.status.functions_url}/messenger${path}`, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body ? JSON.stringify(body) : undefined,
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

const cut = () => sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parley'`;

test("POST /api/messages/ → 201 or 503 while database connections are cut, with no gaps in seq", async () => {
  const registered = await call("/api/auth/register/", { username: "ann", password: "correct horse" });
  const token = registered.body.access;
  const { body: { id: chat } } = await call("/api/chats/", { type: "group", name: "Cut", members: [] }, token);
  const answers: { status: number; headers: Headers }[] = [];
  const sender = async () => {
    for (let turn = 0; turn < 40; turn++) {
      answers.push(await call("/api/messages/", { chat, text: `Message ${turn}` }, token));
    }
  };
  const cutter = async () => {
    for (let turn = 0; turn < 10; turn++) {
      await cut();
      await sleep(20);
    }
  };
  await Promise.all([...Array.from({ length: 8 }, sender), cutter()]);

  expect(new Set([...answers.map(({ status }) => status), 201, 503])).toEqual(new Set([201, 503]));
  const refused = answers.find(({ status }) => status === 503);
  if (refused) expect(refused.headers.get("Retry-After")).toBeTruthy();
  const history = () => call(`/api/messages/?chat=${chat}&limit=1000`, undefined, token);
  await expect.poll(async () => (await history()).status).toBe(200);
  const { body } = await history();
  const seqs = body.map((message: { seq: number }) => message.seq);
  expect(seqs).toEqual(seqs.map((_: number, index: number) => index + 1));
  expect(seqs.length).toBeGreaterThanOrEqual(answers.filter(({ status }) => status === 201).length);
});
