import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startWorker } from "../relay/worker.ts";
import { database } from "../support/clients.ts";
import { newGroup, newPerson, type Person } from "./people.ts";

const { secret_key } = inject("status");
const KEY = "key of the checker";
const word = `checked${crypto.randomUUID().slice(0, 8)}`;

interface Asked {
  room_id: number;
  content: string;
}

/** How the checker answers, by the last word of a message. */
const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  fine: (response) => response.end('{"allowed": true}'),
  bad: (response) => response.end('{"allowed": false, "reason": "Advertising"}'),
  odd: (response) => response.end('{"allowed": "maybe"}'),
  away: (response) => void response.writeHead(503).end('{"allowed": true}'),
  silent: () => {},
};
const asked: (Asked & { key: string | undefined })[] = [];
const checker = createServer(async (request, response) => {
  const body = await json(request) as Asked;
  if (body.content.includes(word)) asked.push({ ...body, key: request.headers.authorization });
  (ANSWERS[body.content.split(" ").at(-1)!] ?? ANSWERS.away!)(response);
});
const sql = database();
let worker: Awaited<ReturnType<typeof startWorker>>;
let ann: Person;
let chat: number;

beforeAll(async () => {
  checker.listen(0, "127.0.0.1");
  await once(checker, "listening");
  const CHECKER_URL = `http://127.0.0.1:${(checker.address() as AddressInfo).port}/messages`;
  [ann, worker] = await Promise.all([newPerson("ann"), startWorker({ CHECKER_URL, CHECKER_KEY: KEY })]);
  chat = await newGroup(ann);
  await sql`insert into chat_private.word_rules (pattern, action) values (${word}, 'hold')`;
});
afterAll(async () => {
  await sql`delete from chat_private.word_rules where pattern = ${word}`;
  await sql.end();
  await worker.stop();
  checker.closeAllConnections();
  checker.close();
});

const check = (headers: HeadersInit = { apikey: secret_key }) =>
  fetch(`${worker.url}/jobs/api/checks/`, { method: "POST", headers });

test("POST /api/checks/ → 200: what the checker allows is sent, and moderators have all else", async () => {
  for (const [index, answer] of ["fine", "bad", "odd", "away", "silent", "fine"].entries()) {
    const held = await ann.api.post("/api/messages/", { chat, text: `${index} ${word} ${answer}` });
    expect([held.status, held.body.code]).toEqual([403, "message_held"]);
  }
  expect((await check({})).status).toBe(401);
  expect((await check()).status).toBe(200);
  expect(new Set(asked.map(({ room_id, key }) => `${room_id} ${key}`))).toEqual(new Set([`${chat} Bearer ${KEY}`]));
  expect(asked).toHaveLength(6);
  const messages = (await ann.api.get(`/api/chats/${chat}/messages/`)).body;
  expect(messages.map(({ text }: { text: string }) => text)).toEqual([`0 ${word} fine`, `5 ${word} fine`]);
  const open = await sql`select note from chat.reports where room_id = ${chat} and state = 'open' order by id`;
  expect(open.map(({ note }) => note)).toEqual([`${word}: Advertising`, word, word, word]);

  // The checker is back: it is asked again about what it did not answer.
  ANSWERS.odd = ANSWERS.away = ANSWERS.silent = ANSWERS.fine!;
  await sql`
    update chat_private.held_checks set due_at = now()
    where held_id in (select id from chat.held_messages where room_id = ${chat})`;
  expect((await check()).status).toBe(200);
  expect((await ann.api.get(`/api/chats/${chat}/messages/`)).body).toHaveLength(5);
  expect(asked).toHaveLength(9);
});

test("CHECKER_URL without CHECKER_KEY is refused at start, by its name", async () => {
  await expect(startWorker({ CHECKER_URL: "http://127.0.0.1:1" })).rejects.toThrow(/The setting CHECKER_KEY /);
});
