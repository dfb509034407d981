import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { breaks, type Endpoint, hangs, isCutShort, says, saysSlowly, stalls } from "../../support/endpoint.ts";
import { collect, type Event } from "./events.ts";
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
  endpoint.next.length = 0;
});

const WORDS = Array.from({ length: 40 }, (_, index) => `слово${index}🍵 `);
const WHOLE = WORDS.join("");
const chats = async () => (await stack.call("GET", session)).body.chats;
const untilAsked = (times = 1) => vi.waitFor(() => expect(endpoint.asked).toHaveLength(times), { timeout: 20_000 });
const textOf = (events: Event[]) =>
  events.filter(({ event }) => event === "delta").map(({ data }) => data.delta).join("");

/** Reads that many parts of a stream, and closes it. */
async function leaveAfter(parts: number, open: (signal: AbortSignal) => Promise<AsyncGenerator<Event>>) {
  const leaving = new AbortController();
  const events = await open(leaving.signal);
  const seen: Event[] = [];
  for await (const event of events) {
    seen.push(event);
    if (seen.filter(({ event }) => event === "delta").length === parts) break;
  }
  leaving.abort();
  return { seen, chat: seen[0]!.data, last: seen.at(-1)!.id! };
}

const ask = (message = "Hello", body = {}) => (signal: AbortSignal) =>
  stack.stream(`${session}chats/`, { message, ...body }, signal);

describe("when the client disconnects", () => {
  test("from a stream, the reply is written to its end", async () => {
    endpoint.next.push(saysSlowly(30, ...WORDS));
    const { chat } = await leaveAfter(3, ask());
    await expect.poll(async () => (await chats())[0].response).toBe(WHOLE);
    expect((await chats())[0]).toMatchObject({ id: chat.id, metadata: { responder: "tea-1" } });
    expect((await chats())[0].metadata).not.toHaveProperty("partial");
  });

  test("from a plain request, the reply is written to its end", async () => {
    endpoint.next.push(saysSlowly(30, ...WORDS));
    const leaving = new AbortController();
    const call = stack.call("POST", `${session}chats/`, { message: "Hello" }, leaving.signal);
    const outcome = expect(call).rejects.toThrow(/abort/i);
    await untilAsked();
    leaving.abort();
    await outcome;
    await expect.poll(async () => (await chats())[0]?.response).toBe(WHOLE);
  });

  test("a stream that is reopened five times resumes where it broke, without missing or repeating a letter", async () => {
    endpoint.next.push(saysSlowly(60, ...WORDS));
    let { seen, chat, last } = await leaveAfter(2, ask());
    let text = textOf(seen);
    const path = `${session}chats/${chat.id}/reply/`;
    for (let reload = 0; reload < 5; reload++) {
      ({ seen, last } = await leaveAfter(
        2,
        () => reload % 2 ? stack.follow(`${path}?after=${last}`) : stack.follow(path, { "Last-Event-ID": last }),
      ));
      expect(seen[0]).toEqual({ event: "chat", data: { ...chat, response: null, metadata: {} } });
      text += textOf(seen);
      expect(WHOLE.startsWith(text)).toBe(true);
    }
    const rest = await collect(await stack.follow(`${path}?after=${last}`));
    expect(text + textOf(rest)).toBe(WHOLE);
    expect(rest.at(-1)).toMatchObject({ event: "done", data: { response: WHOLE } });
    expect(endpoint.asked).toHaveLength(1);
  });

  test("GET …/reply/ replays a reply from any position, also after its end", async () => {
    const { body: chat } = await stack.call("POST", `${session}chats/`, { message: "Hello" });
    const path = `${session}chats/${chat.id}/reply/`;
    for (const [after, text] of [["", "Tea is a drink."], ["?after=4", "is a drink."], ["?after=15", ""]] as const) {
      const events = await collect(await stack.follow(path + after));
      expect([textOf(events), events.at(-1)]).toEqual([text, { event: "done", data: chat }]);
    }
    const { status, body } = await stack.call("GET", path);
    expect([status, body]).toMatchObject([200, { chat: chat.id, state: "complete", response: "Tea is a drink." }]);
    const newer = await stack.call("POST", `${session}chats/${chat.id}/regenerate/`);
    expect(newer.status).toBe(200);
    // A position in the previous reply means nothing in the newest.
    expect(textOf(await collect(await stack.follow(`${path}?after=${body.cursor}`)))).toBe("Tea is a drink.");
  });

  test.each(["x", "-5", "999999999", "1-2-3"])(
    "after=%s is not a position: the replay starts at the beginning",
    async (after) => {
      const { body: chat } = await stack.call("POST", `${session}chats/`, { message: "Hello" });
      const path = `${session}chats/${chat.id}/reply/?after=${after}`;
      expect(textOf(await collect(await stack.follow(path)))).toBe("Tea is a drink.");
    },
  );

  test("GET …/reply/ → 200 with the progress of a running reply", async () => {
    endpoint.next.push(stalls("Tea ", "is "));
    const { chat } = await leaveAfter(2, ask());
    await expect.poll(async () => (await stack.call("GET", `${session}chats/${chat.id}/reply/`)).body).toMatchObject({
      state: "running",
      response: "Tea is ",
      cursor: expect.stringMatching(/^\d+-7$/),
      ended_at: null,
    });
    await stack.call("POST", `${session}chats/${chat.id}/stop/`);
  });

  test("GET …/reply/ → 404 for a message without a reply", async () => {
    const id = session.split("/").at(-2);
    const { body } = await stack.call("POST", `/api/chat/conversations/${id}/messages/`, {
      role: "user",
      content: "?",
    });
    const answer = await stack.call("GET", `${session}chats/${body.id}/reply/`);
    expect(answer).toMatchObject({ status: 404, body: { code: "reply_not_found" } });
  });
});

describe("the same key sent again", () => {
  const key = () => ({ client_id: crypto.randomUUID() });

  test("while the reply is written waits for it, and returns it whole", async () => {
    endpoint.next.push(saysSlowly(30, ...WORDS));
    const again = key();
    await leaveAfter(2, ask("Hello", again));
    const plain = stack.call("POST", `${session}chats/`, { message: "Hello", ...again });
    const streamed = await collect(await stack.stream(`${session}chats/`, { message: "Hello", ...again }));
    expect(textOf(streamed)).toBe(WHOLE);
    const { status, body } = await plain;
    expect([status, body.response]).toEqual([200, WHOLE]);
    expect(streamed.at(-1)).toEqual({ event: "done", data: body });
    expect(await chats()).toEqual([body]);
    expect(endpoint.asked).toHaveLength(1);
  });

  test.each([["broke off", breaks("Tea ")], ["never came", breaks()]])(
    "after a reply that %s gets another one, whole",
    async (_, manner) => {
      endpoint.next.push(manner);
      const body = { message: "Hello", ...key() };
      expect((await stack.call("POST", `${session}chats/`, body)).status).toBe(502);
      const again = await stack.call("POST", `${session}chats/`, body);
      expect(again).toMatchObject({ status: 200, body: { response: "Tea is a drink." } });
      expect(again.body.metadata).not.toHaveProperty("partial");
      expect(await chats()).toEqual([again.body]);
      expect(endpoint.asked).toHaveLength(2);
    },
  );

  test("with other content → 409", async () => {
    const again = key();
    await stack.call("POST", `${session}chats/`, { message: "Hello", ...again });
    const { status, body } = await stack.call("POST", `${session}chats/`, { message: "Good bye", ...again });
    expect([status, body.code]).toEqual([409, "client_id_reused"]);
    expect(await chats()).toHaveLength(1);
  });

  test("after a reply that the model was made to end, or the user stopped, returns it as it is", async () => {
    endpoint.next.push(isCutShort("length", "Tea "));
    const body = { message: "Hello", ...key() };
    const first = await stack.call("POST", `${session}chats/`, body);
    const second = await stack.call("POST", `${session}chats/`, body);
    expect([first.status, second.status, second.body]).toEqual([201, 200, first.body]);
    expect(endpoint.asked).toHaveLength(1);
  });
});

describe("POST …/stop/", () => {
  test("→ 200, ends the reply for all its followers, and keeps its text so far", async () => {
    endpoint.next.push(stalls("Tea ", "is "));
    const events = await stack.stream(`${session}chats/`, { message: "Hello" });
    const begun = [];
    for (let count = 0; count < 3; count++) begun.push((await events.next()).value!);
    const { id } = begun[0]!.data;
    const plain = stack.follow(`${session}chats/${id}/reply/`).then(collect);
    const before = performance.now();
    const { status, body } = await stack.call("POST", `${session}chats/${id}/stop/`);
    expect(performance.now() - before).toBeLessThan(1_000);
    const stopped = { id, response: "Tea is ", metadata: { responder: "tea-1", partial: true } };
    expect([status, body]).toMatchObject([200, stopped]);
    expect((await collect(events)).at(-1)).toEqual({ event: "done", data: body });
    expect((await plain).at(-1)).toEqual({ event: "done", data: body });
    expect(await chats()).toEqual([body]);
    await endpoint.asked[0]!.closed;
    // Another may begin.
    expect((await stack.call("POST", `${session}chats/`, { message: "And now?" })).status).toBe(201);
    expect((await stack.call("POST", `${session}chats/${id}/stop/`)).body).toEqual(body);
  });

  test("→ 200 before the first word, leaving no reply; regenerating creates one", async () => {
    endpoint.next.push(hangs);
    const call = stack.call("POST", `${session}chats/`, { message: "Hello" });
    await untilAsked();
    const [{ id }] = await chats();
    const { body } = await stack.call("POST", `${session}chats/${id}/stop/`);
    expect(body).toMatchObject({ id, response: null, metadata: {} });
    expect(await call).toEqual({ status: 201, body });
    const again = await stack.call("POST", `${session}chats/${id}/regenerate/`);
    expect([again.status, again.body.response]).toEqual([200, "Tea is a drink."]);
    expect(await chats()).toEqual([again.body]);
  });
});

describe("POST …/continue/", () => {
  test("→ 200, continuing a partial reply, which is sent to the responder", async () => {
    endpoint.next.push(isCutShort("length", "Tea ", "is "));
    const { body: partial } = await stack.call("POST", `${session}chats/`, { message: "What is tea?" });
    endpoint.next.push(says("a ", "drink."));
    const events = await collect(await stack.stream(`${session}chats/${partial.id}/continue/`));
    expect(textOf(events)).toBe("Tea is a drink.");
    const { data: whole } = events.at(-1)!;
    expect(whole).toMatchObject({ id: partial.id, response: "Tea is a drink.", metadata: { responder: "tea-1" } });
    expect(whole.metadata).not.toHaveProperty("partial");
    expect(await chats()).toEqual([whole]);
    const [question, begun, request] = endpoint.asked.at(-1)!.body.messages;
    expect([question, begun]).toEqual([
      { role: "user", content: "What is tea?" },
      { role: "assistant", content: "Tea is " },
    ]);
    expect(request).toMatchObject({ role: "user", content: expect.stringMatching(/go on/i) });
  });

  test("→ 502 when it fails, leaving the partial reply", async () => {
    endpoint.next.push(isCutShort("length", "Tea "), breaks());
    const { body: partial } = await stack.call("POST", `${session}chats/`, { message: "What is tea?" });
    const { status, body } = await stack.call("POST", `${session}chats/${partial.id}/continue/`);
    expect([status, body.chat]).toEqual([502, partial]);
    expect(await chats()).toEqual([partial]);
  });

  test("→ 409 when the reply is whole, or there is none", async () => {
    const { body: whole } = await stack.call("POST", `${session}chats/`, { message: "Hello" });
    endpoint.next.push(breaks());
    const { body: { chat: none } } = await stack.call("POST", `${session}chats/`, { message: "And now?" });
    for (const { id } of [whole, none]) {
      const { status, body } = await stack.call("POST", `${session}chats/${id}/continue/`);
      expect([status, body.code]).toEqual([409, "reply_complete"]);
    }
  });
});

describe("limits", () => {
  test("POST …/chats/ → 409 while a reply is written, storing nothing", async () => {
    endpoint.next.push(hangs);
    const call = stack.call("POST", `${session}chats/`, { message: "Hello" });
    await untilAsked();
    const [{ id }] = await chats();
    const refusal = {
      status: 409,
      body: { detail: expect.stringMatching(/^A reply is running/), code: "reply_running" },
    };
    expect(await stack.call("POST", `${session}chats/`, { message: "And now?" })).toEqual(refusal);
    expect(await stack.call("POST", `${session}chats/${id}/regenerate/`)).toEqual(refusal);
    expect(await chats()).toHaveLength(1);
    await stack.call("POST", `${session}chats/${id}/stop/`);
    await call;
  });

  test("of many parallel messages of one user five are answered, the others → 429 with Retry-After", async () => {
    await stack.signIn("greedy");
    const sessions = await Promise.all(Array.from({ length: 20 }, () => stack.newSession()));
    endpoint.next.push(...sessions.map(() => hangs));
    const leaving = new AbortController();
    const calls = sessions.map((path) =>
      stack.call("POST", `${path}chats/`, { message: "Hello" }, leaving.signal).then(({ status }) => status, () => 0)
    );
    const statuses = await Promise.all(calls.map((call) => Promise.race([call, sleep(5_000)])));
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    const { status, body } = await stack.call("POST", `${await stack.newSession()}chats/`, { message: "Hello" });
    expect([status, body]).toEqual([429, { detail: expect.stringMatching(/At most 5/), code: "too_many_replies" }]);
    expect(endpoint.asked).toHaveLength(5);
    leaving.abort();
  });

  test("of many parallel messages in one session one is answered, the others → 409", async () => {
    await stack.signIn("hasty");
    const path = await stack.newSession();
    endpoint.next.push(hangs);
    const calls = Array.from(
      { length: 10 },
      (_, index) => stack.call("POST", `${path}chats/`, { message: `Question ${index}` }),
    );
    const refused = await Promise.all(
      calls.map((call) => Promise.race([call.then(({ status }) => status), sleep(5_000)])),
    );
    expect(refused.filter((status) => status === 409)).toHaveLength(9);
    const { body } = await stack.call("GET", path);
    expect(body.chats).toHaveLength(1);
    await stack.call("POST", `${path}chats/${body.chats[0].id}/stop/`);
    await Promise.all(calls);
  });
});
