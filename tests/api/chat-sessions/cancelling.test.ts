import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Endpoint, hangs, saysSlowly, stalls } from "./endpoint.ts";
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
const untilAsked = () => vi.waitFor(() => expect(endpoint.asked).not.toEqual([]), { timeout: 20_000 });

describe("when the client goes away", () => {
  const partial = { message: "Hello", response: "Tea ", metadata: { responder: "tea-1", partial: true } };

  test("from a stream, the endpoint is let go, and what came is kept", async () => {
    endpoint.next.push(stalls("Tea "));
    const leaving = new AbortController();
    const events = await stack.stream(`${session}chats/`, { message: "Hello" }, leaving.signal);
    expect([await events.next(), await events.next()].map(({ value }) => value?.event)).toEqual(["chat", "delta"]);
    leaving.abort();
    await endpoint.asked[0]!.closed;
    await vi.waitFor(async () => expect(await chats()).toMatchObject([partial]), { timeout: 20_000 });
    const logged = /^request [0-9a-f-]{36}: The client went away before the reply was whole\.$/m;
    await vi.waitFor(() => expect(stack.log()).toMatch(logged), { timeout: 20_000 });
    expect(stack.log()).not.toContain("The responder failed");
  });

  test("from a plain answer, the endpoint is let go, and what came is kept", async () => {
    endpoint.next.push(stalls("Tea "));
    const leaving = new AbortController();
    const call = stack.call("POST", `${session}chats/`, { message: "Hello" }, leaving.signal);
    const outcome = expect(call).rejects.toThrow(/abort/i);
    await untilAsked();
    await sleep(1_000);
    leaving.abort();
    await Promise.all([outcome, endpoint.asked[0]!.closed]);
    await vi.waitFor(async () => expect(await chats()).toMatchObject([partial]), { timeout: 20_000 });
  });

  test("before the first word, there is no reply, and regenerating makes one", async () => {
    endpoint.next.push(hangs);
    const leaving = new AbortController();
    const events = await stack.stream(`${session}chats/`, { message: "Hello" }, leaving.signal);
    await Promise.all([events.next(), untilAsked()]);
    leaving.abort();
    await endpoint.asked[0]!.closed;
    const [chat] = await chats();
    expect(chat.response).toBeNull();
    const { status, body } = await stack.call("POST", `${session}chats/${chat.id}/regenerate/`);
    expect([status, body.response]).toEqual([200, "Tea is a drink."]);
    expect(await chats()).toEqual([body]);
  });
});

test("while replies are waited for, no transaction is open and nobody else waits", async () => {
  const sql = postgres(stack.status.db_url, { max: 1 });
  const leaving = new AbortController();
  // More than there are connections.
  const calls = Array.from({ length: 20 }, () => {
    endpoint.next.push(hangs);
    return stack.call("POST", `${session}chats/`, { message: "Hello" }, leaving.signal).catch(() => {});
  });
  await vi.waitFor(() => expect(endpoint.asked).toHaveLength(20), { timeout: 20_000 });
  const open = async () => [
    ...await sql`select query from pg_stat_activity where application_name = 'parley' and state <> 'idle'`,
  ];
  await expect.poll(open).toEqual([]);
  expect(await chats()).toHaveLength(20);
  leaving.abort();
  await Promise.all([...calls, sql.end()]);
});

test("a session deleted meanwhile is not there, for a stream as for a plain answer", async () => {
  endpoint.next.push(saysSlowly(200, "Tea ", "is "), saysSlowly(200, "Tea ", "is "));
  const events = collect(await stack.stream(`${session}chats/`, { message: "Hello" }));
  const answer = stack.call("POST", `${session}chats/`, { message: "Hello" });
  await vi.waitFor(() => expect(endpoint.asked).toHaveLength(2), { timeout: 20_000 });
  const path = `/api/chat/conversations/${session.split("/").at(-2)}/`;
  await expect(stack.call("DELETE", path)).rejects.toThrow(/JSON/);
  const refusal = { detail: "Not found.", code: "conversation_not_found" };
  expect((await events).at(-1)).toEqual({ event: "error", data: refusal });
  expect(await answer).toEqual({ status: 404, body: refusal });
});

test("what the endpoint says is listened to no longer than the session is there", async () => {
  endpoint.next.push(saysSlowly(200, ..."Tea is a drink. ".repeat(20)));
  const events = await stack.stream(`${session}chats/`, { message: "Hello" }, AbortSignal.timeout(20_000));
  await stack.call("DELETE", session).catch(() => {});
  expect((await collect(events)).at(-1)!.data).toMatchObject({ code: "conversation_not_found" });
});

test("nothing is asked about a session that is gone when its turns are read", async () => {
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

test("a reply that came while Postgres was away is kept all the same", async () => {
  endpoint.next.push(saysSlowly(200, "Tea ", "is ", "a drink."));
  const events = await stack.stream(`${session}chats/`, { message: "Hello" });
  expect([await events.next(), await events.next()].map(({ value }) => value?.event)).toEqual(["chat", "delta"]);
  await stack.killPostgres();
  const [done] = (await collect(events)).slice(-1);
  expect(done).toMatchObject({ event: "done", data: { response: "Tea is a drink." } });
  expect(await chats()).toEqual([done!.data]);
});
