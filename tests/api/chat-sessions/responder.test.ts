import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  answers,
  breaks,
  type Endpoint,
  hangs,
  isCutShort,
  says,
  saysSlowly,
  sends,
  stalls,
  stops,
} from "../../support/endpoint.ts";
import { collect } from "./events.ts";
import { KEY, ResponderStack } from "./responder_stack.ts";

let stack: ResponderStack, endpoint: Endpoint, session: string, access: string;

beforeAll(async () => {
  stack = await ResponderStack.start({ RESPONDER_TIMEOUT: "1" });
  endpoint = stack.endpoint;
  ({ access } = await stack.signIn("ann"));
});
afterAll(() => stack.stop());
afterEach(() => {
  endpoint.next.length = 0;
  endpoint.asked.length = 0;
});

async function send(message = "What is tea?", ...manners: Endpoint["next"]) {
  session = await stack.newSession();
  endpoint.next.push(...manners);
  return await stack.call("POST", `${session}chats/`, { message });
}

/** Sends as a page without scripts does. */
const sendForm = (message: string) =>
  fetch(`${stack.status.api_url}/functions/v1/chat-sessions/chat/session/${session.split("/").at(-2)}/send/`, {
    method: "POST",
    redirect: "manual",
    headers: { Accept: "text/html", Cookie: `chat_sessions_access=${access}` },
    body: new URLSearchParams({ message }),
  });

const lastChat = async () => (await stack.call("GET", session)).body.chats.at(-1);

describe("a reply", () => {
  test("is the endpoint's, stored with the name of its model", async () => {
    const { status, body } = await send();
    expect([status, body]).toMatchObject([201, { response: "Tea is a drink.", metadata: { responder: "tea-1" } }]);
    expect(await lastChat()).toEqual(body);
    const [{ path, authorization, body: question }] = endpoint.asked as [Endpoint["asked"][0]];
    expect([path, authorization]).toEqual(["/v1/chat/completions", `Bearer ${KEY}`]);
    const messages = [{ role: "user", content: "What is tea?" }];
    expect(question).toEqual({ model: "tea-1", stream: true, max_tokens: 4096, messages });
  });

  test("streams part by part", async () => {
    session = await stack.newSession();
    const events = await collect(await stack.stream(`${session}chats/`, { message: "What is tea?" }));
    const chat = await lastChat();
    expect(events).toEqual([
      { event: "chat", data: { ...chat, response: null, metadata: {} } },
      ...["Tea ", "is ", "a drink."].map((delta) => ({ event: "delta", data: { delta } })),
      { event: "done", data: chat },
    ]);
    expect(chat.response).toBe("Tea is a drink.");
  });

  test("is streamed before it is whole", async () => {
    session = await stack.newSession();
    endpoint.next.push(stalls("Tea "));
    const events = await stack.stream(`${session}chats/`, { message: "What is tea?" });
    const begun = [await events.next(), await events.next()].map(({ value }) => value?.event);
    expect(begun).toEqual(["chat", "delta"]);
    expect((await collect(events)).map(({ event }) => event)).toEqual(["error"]);
  });

  test("may take longer than the timeout, as long as parts keep coming", async () => {
    const { status, body } = await send("Slowly", saysSlowly(500, "Tea ", "takes ", "its ", "time."));
    expect([status, body.response]).toEqual([201, "Tea takes its time."]);
  });

  test("is stripped of characters that Postgres cannot store, and cut at the maximum length of a message", async () => {
    const { body } = await send("Odd", says("a\0b", "\ud83c", "\udf75", "c\ud83c"));
    expect(body.response).toBe("ab🍵c");
    const long = await send("Long", says(..."🍵".repeat(9).split(/(?:)/u).map((tea) => tea.repeat(12_000))));
    expect([long.status, long.body.metadata]).toEqual([201, { responder: "tea-1", partial: true }]);
    expect(long.body.response).toBe("🍵".repeat(100_000));
  });

  test.each(["length", "content_filter"])("that the model was made to end is partial: %s", async (reason) => {
    const { status, body } = await send("At length", isCutShort(reason, "Tea ", "is "));
    const metadata = { responder: "tea-1", partial: true };
    expect([status, body]).toMatchObject([201, { response: "Tea is ", metadata }]);
    expect(await lastChat()).toEqual(body);
  });

  test("is requested once when the message is sent twice", async () => {
    session = await stack.newSession();
    const body = { message: "Once", client_id: crypto.randomUUID() };
    const first = await stack.call("POST", `${session}chats/`, body);
    const again = await stack.call("POST", `${session}chats/`, body);
    const streamed = await collect(await stack.stream(`${session}chats/`, body));
    expect([first.status, again.status, again.body]).toEqual([201, 200, first.body]);
    expect(streamed.at(-1)).toEqual({ event: "done", data: first.body });
    expect(endpoint.asked).toHaveLength(1);
  });

  test("is requested once more after a temporary refusal", async () => {
    for (const status of [429, 500, 503]) {
      const { status: answered, body } = await send("Busy", answers(status, "{}", { "Retry-After": "0" }));
      expect([answered, body.response]).toEqual([201, "Tea is a drink."]);
    }
    expect(endpoint.asked).toHaveLength(6);
  });
});

const failure = { detail: "The assistant could not reply, try again.", code: "responder_failed" };

describe("an endpoint that fails", () => {
  const again = answers(500, JSON.stringify({ error: { message: `Wrong key ${KEY}` } }), { "Retry-After": "0" });

  test.each([
    ["twice with 500", 2, [again, again, says("Never asked")]],
    ["with 401", 1, [answers(401, JSON.stringify({ error: { message: `Wrong key ${KEY}` } }))]],
    ["with a redirection", 2, [1, 2].map(() => answers(307, "", { Location: "/v1/elsewhere" }))],
    ["with silence", 1, [hangs]],
    ["with a page", 1, [answers(200, "<!doctype html>", { "Content-Type": "text/html" })]],
    ["with garbage for events", 1, [sends("data: {tea}\n\n")]],
    ["with an event of another shape", 1, [sends("data: null\n\n")]],
    ["with an error as an event", 1, [sends(`data: {"error":{"message":"Wrong key ${KEY}"}}\n\n`)]],
    ["with an empty reply", 1, [says()]],
    ["with a reply of blanks", 1, [says(" ", "\n")]],
    ["with an end before the first word", 1, [breaks()]],
  ])("%s: the message is stored, and regenerating tries again", async (_, times, manners) => {
    const { status, body } = await send("What is tea?", ...manners);
    const unanswered = { id: expect.any(Number), message: "What is tea?", response: null };
    expect([status, body]).toMatchObject([502, { ...failure, chat: unanswered }]);
    expect(endpoint.asked).toHaveLength(times);
    expect(endpoint.asked.every(({ path }) => path === "/v1/chat/completions")).toBe(true);
    expect(await lastChat()).toEqual(body.chat);
    endpoint.next.length = 0;
    const regenerated = await stack.call("POST", `${session}chats/${body.chat.id}/regenerate/`);
    expect([regenerated.status, regenerated.body.response]).toEqual([200, "Tea is a drink."]);
    expect(await lastChat()).toEqual(regenerated.body);
  });

  test.each([
    ["breaks off", breaks("Tea ", "is ")],
    ["falls silent", stalls("Tea ", "is ")],
    ["just stops", stops("Tea ", "is ")],
    ["turns to garbage", sends("data: {tea}\n\n", "Tea ", "is ")],
  ])("and %s in the middle: the text so far is stored as partial", async (_, manner) => {
    const partial = { response: "Tea is ", metadata: { responder: "tea-1", partial: true } };
    const { status, body } = await send("What is tea?", manner);
    expect([status, body]).toMatchObject([502, { ...failure, chat: partial }]);
    expect(await lastChat()).toEqual(body.chat);
    endpoint.next.push(manner);
    const events = await collect(await stack.stream(`${session}chats/${body.chat.id}/regenerate/`));
    expect(events.map(({ event }) => event)).toEqual(["chat", "delta", "delta", "error"]);
    expect(events.at(-1)!.data).toEqual(body);
  });
});

test("the log says why there is no reply, with the id of the request but without the key or any message", async () => {
  const refusal = answers(401, JSON.stringify({ error: { message: `Wrong key ${KEY}` } }));
  await send("A secret question", refusal);
  endpoint.next.push(refusal, says());
  await collect(await stack.stream(`${session}chats/`, { message: "A secret question" }));
  expect((await sendForm("A secret question")).status).toBe(303);
  const logged = [...stack.log().matchAll(/^request [0-9a-f-]{36}: The responder failed: (.*)$/gm)];
  expect(logged.slice(-3).map(([, cause]) => cause)).toEqual(["it answered 401", "it answered 401", "it said nothing"]);
  expect(stack.log()).not.toMatch(/sk-a-secret|secret question/i);
});
