import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { type Endpoint, hangs, says, saysSlowly, stalls } from "../../support/endpoint.ts";
import { until } from "../../support/until.ts";
import { collect, type Event, eventsOf } from "./events.ts";
import { ResponderStack } from "./responder_stack.ts";
import { startWorker, type Worker } from "./workers.ts";

let stack: ResponderStack, endpoint: Endpoint, session: string, worker: Worker, sql: Sql;
const workers: Worker[] = [];

beforeAll(async () => {
  stack = await ResponderStack.start();
  endpoint = stack.endpoint;
  sql = database(stack.status);
  await stack.signIn("ann");
});
afterAll(async () => {
  await Promise.all([stack.stop(), sql.end()]);
});
beforeEach(async () => {
  session = await stack.newSession();
  endpoint.asked.length = endpoint.next.length = 0;
  workers.push(worker = await startWorker(stack));
});
afterEach(() => Promise.all(workers.splice(0).map((each) => each.kill())));

const WORDS = Array.from({ length: 60 }, (_, index) => `слово${index} `);
const WHOLE = WORDS.join("");
const chats = async () => (await stack.call("GET", session)).body.chats;
const textOf = (events: Event[]) =>
  events.filter(({ event }) => event === "delta").map(({ data }) => data.delta).join("");

/** Asks the other worker, and reads the first events of its stream. */
async function askThere(body: object, parts: number) {
  const stream = { Accept: "text/event-stream" };
  const events = eventsOf(await stack.at(worker.base, "POST", `${session}chats/`, body, stream));
  const seen: Event[] = [];
  while (seen.length <= parts) seen.push((await events.next()).value!);
  return { events, seen, path: `${session}chats/${seen[0]!.data.id}/` };
}

test("a reply that another worker writes can be followed letter by letter, and ends for every follower", async () => {
  endpoint.next.push(saysSlowly(40, ...WORDS));
  const { events, seen, path } = await askThere({ message: "Hello" }, 3);
  const here = await collect(await stack.follow(`${path}reply/`));
  expect(here.length).toBeGreaterThan(4);
  expect(textOf(here)).toBe(WHOLE);
  expect(here.at(-1)).toMatchObject({ event: "done", data: { response: WHOLE } });
  expect(textOf(seen) + textOf(await collect(events))).toBe(WHOLE);
});

test("the same key sent to this worker waits for the other worker's reply, and returns it whole", async () => {
  endpoint.next.push(saysSlowly(20, ...WORDS));
  const body = { message: "Hello", client_id: crypto.randomUUID() };
  await askThere(body, 2);
  const again = await stack.call("POST", `${session}chats/`, body);
  expect([again.status, again.body.response]).toEqual([200, WHOLE]);
  expect(endpoint.asked).toHaveLength(1);
});

test("POST …/stop/ here ends the reply there within a second, keeping its text so far", async () => {
  endpoint.next.push(stalls("Tea ", "is "));
  const { events, path } = await askThere({ message: "Hello" }, 2);
  await sleep(500);
  const before = performance.now();
  const { body } = await stack.call("POST", `${path}stop/`);
  expect(performance.now() - before).toBeLessThan(1_500);
  expect(body).toMatchObject({ response: "Tea is ", metadata: { partial: true } });
  expect((await collect(events)).at(-1)).toEqual({ event: "done", data: body });
  await endpoint.asked[0]!.closed;
});

test("a worker that dies loses at most half a second of text, and its reply ends as partial", async () => {
  endpoint.next.push(saysSlowly(50, ...WORDS));
  const { path } = await askThere({ message: "Hello" }, 20);
  const followed = stack.follow(`${path}reply/`).then(collect);
  await sleep(300);
  const before = performance.now();
  await worker.kill();
  const said = WORDS.slice(0, 20).join("");
  const [chat] = await until(chats, ([chat]) => chat.response !== null);
  expect(performance.now() - before).toBeLessThan(25_000);
  expect(chat.metadata).toEqual({ responder: "tea-1", partial: true });
  expect(WHOLE.startsWith(chat.response)).toBe(true);
  expect(chat.response.length).toBeGreaterThanOrEqual(said.length - WORDS.slice(0, 10).join("").length);
  const last = (await followed).at(-1)!;
  expect(last).toMatchObject({ event: "error", data: { code: "responder_failed", chat } });
  const { body } = await stack.call("GET", `${path}reply/`);
  expect(body).toMatchObject({ state: "partial", reason: "worker_lost", response: chat.response });
  expect(await sql`select from chat.reply_chunks`).toHaveLength(0);
});

test("the same key, sent again after its worker died, gets a whole reply", async () => {
  endpoint.next.push(hangs);
  const body = { message: "Hello", client_id: crypto.randomUUID() };
  const { path } = await askThere(body, 0);
  await expect.poll(() => endpoint.asked).toHaveLength(1);
  await worker.kill();
  await sql`update chat.replies set lease_until = now() - interval '1 second' where state = 'running'`;
  const again = await stack.call("POST", `${session}chats/`, body);
  expect([again.status, again.body.response]).toEqual([200, "Tea is a drink."]);
  expect((await stack.call("GET", `${path}reply/`)).body.state).toBe("complete");
});

test("the job ends the reply of a worker that died, and notifies its listeners", async () => {
  endpoint.next.push(stalls("Tea "));
  const { path } = await askThere({ message: "Hello" }, 1);
  await sleep(500);
  await worker.kill();
  await sql`update chat.replies set lease_until = now() - interval '1 second' where state = 'running'`;
  await sql`update chat_private.jobs set next_run_at = now() where name = 'end_replies'`;
  await sql`select chat_private.run_jobs()`;
  const [event] = await sql`
    select payload from realtime.messages where event = 'reply.done' and topic = ${`conversation:${
    session.split("/").at(-2)
  }`}`;
  expect(event!.payload).toMatchObject({ error: "responder_failed", message_id: expect.any(Number) });
  expect((await stack.call("GET", path)).body).toMatchObject({ response: "Tea ", metadata: { partial: true } });
});

/** Ends running replies as if their worker had died. */
const loseWorker = () =>
  sql.begin((sql) => [
    sql`update chat.replies set lease_until = now() - interval '1 second' where state = 'running'`,
    sql`select chat_private.end_lapsed_replies(null, 10)`,
  ]);

test("a worker that was only slow stores the rest, unless another reply has begun", async () => {
  endpoint.next.push(saysSlowly(40, ...WORDS));
  await askThere({ message: "Hello" }, 3);
  await sleep(400);
  await loseWorker();
  expect((await chats())[0].metadata).toMatchObject({ partial: true });
  await expect.poll(async () => (await chats())[0].response).toBe(WHOLE);
  expect((await chats())[0].metadata).not.toHaveProperty("partial");

  endpoint.next.push(saysSlowly(40, ...WORDS), says("Shorter."));
  const { path } = await askThere({ message: "Hello again" }, 3);
  await sleep(400);
  await loseWorker();
  expect((await stack.call("POST", `${path}regenerate/`)).body.response).toBe("Shorter.");
  await sleep(4_000);
  expect((await stack.call("GET", path)).body.response).toBe("Shorter.");
});

test("when a worker shuts down, its reply ends as partial, and another worker can continue it", async () => {
  workers.push(worker = await startWorker(stack, { WORKER_SECONDS: "6" }));
  endpoint.next.push(saysSlowly(200, ...WORDS));
  const { events, path } = await askThere({ message: "Hello" }, 1);
  const last = (await collect(events)).at(-1)!;
  expect(last).toMatchObject({ event: "error", data: { chat: { metadata: { partial: true } } } });
  const { response } = last.data.chat;
  expect(WHOLE.startsWith(response)).toBe(true);
  expect((await stack.call("GET", `${path}reply/`)).body.reason).toBe("worker_ended");
  endpoint.next.push(says(WHOLE.slice(response.length)));
  expect((await stack.call("POST", `${path}continue/`)).body.response).toBe(WHOLE);
});
