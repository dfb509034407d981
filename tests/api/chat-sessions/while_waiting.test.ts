import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { database } from "../../support/clients.ts";
import { type Endpoint, hangs, saysSlowly } from "../../support/endpoint.ts";
import { collect } from "./events.ts";
import { ResponderStack } from "./responder_stack.ts";

let stack: ResponderStack, endpoint: Endpoint, session: string;

beforeAll(async () => {
  stack = await ResponderStack.start();
  endpoint = stack.endpoint;
  await stack.signIn("ann");
});
afterAll(() => stack.stop());
beforeEach(async () => {
  session = await stack.newSession();
  endpoint.asked.length = 0;
});

const chats = async () => (await stack.call("GET", session)).body.chats;

test("while replies are pending, no transaction is open and no other request waits", async () => {
  const sql = database(stack.status);
  const leaving = new AbortController();
  // More than there are connections, and as many as four users may have.
  const calls = [];
  for (const name of ["bob", "carl", "dora", "emil"]) {
    await stack.signIn(name);
    for (let count = 0; count < 5; count++) {
      const path = await stack.newSession();
      endpoint.next.push(hangs);
      calls.push(stack.call("POST", `${path}chats/`, { message: "Hello" }, leaving.signal).catch(() => {}));
    }
  }
  await vi.waitFor(() => expect(endpoint.asked).toHaveLength(20), { timeout: 20_000 });
  const open = async () => [
    ...await sql`select query from pg_stat_activity where application_name = 'parley' and state <> 'idle'`,
  ];
  await expect.poll(open).toEqual([]);
  await stack.signIn("zoe");
  expect((await stack.call("GET", "/api/v1/chat/sessions/")).status).toBe(200);
  leaving.abort();
  await Promise.all([...calls, sql.end()]);
});

test("a session deleted during its reply → 404, for a stream and a plain request", async () => {
  endpoint.next.push(saysSlowly(200, "Tea ", "is "), saysSlowly(200, "Tea ", "is "));
  const other = await stack.newSession();
  const events = collect(await stack.stream(`${session}chats/`, { message: "Hello" }));
  const answer = stack.call("POST", `${other}chats/`, { message: "Hello" });
  await vi.waitFor(() => expect(endpoint.asked).toHaveLength(2), { timeout: 20_000 });
  for (const path of [session, other]) {
    const elsewhere = `/api/chat/conversations/${path.split("/").at(-2)}/`;
    await expect(stack.call("DELETE", elsewhere)).rejects.toThrow(/JSON/);
  }
  const refusal = { detail: "Not found.", code: "conversation_not_found" };
  expect((await events).at(-1)).toEqual({ event: "error", data: refusal });
  expect(await answer).toEqual({ status: 404, body: refusal });
});

test("the endpoint's stream is closed once the session is deleted", async () => {
  endpoint.next.push(saysSlowly(200, ..."Tea is a drink. ".repeat(20)));
  const events = await stack.stream(`${session}chats/`, { message: "Hello" }, AbortSignal.timeout(20_000));
  await stack.call("DELETE", session).catch(() => {});
  expect((await collect(events)).at(-1)!.data).toMatchObject({ code: "conversation_not_found" });
});

test("the endpoint is not called when the session is deleted while its turns are read", async () => {
  for (let round = 0; round < 40; round++) {
    const path = await stack.newSession();
    const asked = stack.call("POST", `${path}chats/`, { message: "Hello" });
    await sleep(round % 10);
    await stack.call("DELETE", path).catch(() => {});
    expect([201, 404]).toContain((await asked).status);
  }
  expect(endpoint.asked.map(({ body }) => body.messages.length)).not.toContain(0);
});

test("comments keep a silent stream open", async () => {
  endpoint.next.push(saysSlowly(18_000, "Tea"));
  const events = await collect(await stack.stream(`${session}chats/`, { message: "Hello" }));
  expect(events.map(({ event }) => event)).toEqual(["chat", "", "delta", "done"]);
  expect(events[1]!.data).toBe("keep-alive");
});

test("a reply that arrives while Postgres is down is stored nevertheless", async () => {
  endpoint.next.push(saysSlowly(200, "Tea ", "is ", "a drink."));
  const events = await stack.stream(`${session}chats/`, { message: "Hello" });
  expect([await events.next(), await events.next()].map(({ value }) => value?.event)).toEqual(["chat", "delta"]);
  await stack.killPostgres();
  const [done] = (await collect(events)).slice(-1);
  expect(done).toMatchObject({ event: "done", data: { response: "Tea is a drink." } });
  expect(await chats()).toEqual([done!.data]);
});
