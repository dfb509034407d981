import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import ws from "ws";
import { breaks, hangs, says, saysSlowly } from "../../support/endpoint.ts";
import { collect } from "./events.ts";
import { ResponderStack } from "./responder_stack.ts";

let stack: ResponderStack, ann: Client, eve: Client, session: string;

type Client = ReturnType<typeof newClient>;
function newClient(token: string) {
  const { api_url, publishable_key } = stack.status;
  const client = createClient(api_url, publishable_key, {
    accessToken: () => Promise.resolve(token),
    realtime: { transport: ws as never },
  });
  return client;
}

beforeAll(async () => {
  stack = await ResponderStack.start();
  eve = newClient((await stack.signIn("eve")).access);
  ann = newClient((await stack.signIn("ann")).access);
});
afterAll(async () => {
  await Promise.all([ann, eve].map((client) => client.removeAllChannels()));
  await stack.stop();
});
beforeEach(async () => {
  session = await stack.newSession();
});

const conversation = () => session.split("/").at(-2)!;

/** Joins the topic of the session; resolves with the status, and the events received from then on. */
async function join(client: Client) {
  // deno-lint-ignore no-explicit-any
  const heard: { event: string; payload: any }[] = [];
  const channel = client.channel(`conversation:${conversation()}`, { config: { private: true } });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => void heard.push({ event, payload }));
  const status = await new Promise<string>((resolve) => channel.subscribe((status) => resolve(status)));
  return { status, heard };
}

const send = async () => await stack.call("POST", `${session}chats/`, { message: "Hello" });
// deno-lint-ignore no-explicit-any
const untilDone = (heard: any[]) =>
  vi.waitFor(() => expect(heard.at(-1)?.event).toBe("reply.done"), { timeout: 20_000 });

test("the owner receives the reply as it grows and when it is done; others cannot join", async () => {
  const { status, heard } = await join(ann);
  const { status: refused, heard: overheard } = await join(eve);
  expect([status, refused]).toEqual(["SUBSCRIBED", "CHANNEL_ERROR"]);
  stack.endpoint.next.push(saysSlowly(400, "Tea ", "takes ", "its ", "time."));
  const { body: chat } = await send();
  await untilDone(heard);
  const events = heard.map(({ event }) => event);
  const deltas = heard.filter(({ event }) => event === "reply.delta").map(({ payload }) => payload);
  expect(events).toEqual(["message.created", ...deltas.map(() => "reply.delta"), "message.created", "reply.done"]);
  expect(deltas.length).toBeGreaterThan(2);
  const shared = { conversation_id: conversation(), reply_to_id: chat.id };
  expect(deltas).toMatchObject(deltas.map((_, index) => ({ ...shared, index })));
  expect(deltas.map(({ delta }) => delta).join("")).toBe("Tea takes its time.");
  const [question, reply] = [heard[0]!, heard.at(-2)!].map(({ payload }) => payload.message);
  expect(question).toMatchObject({ id: chat.id, role: "user", content: "Hello" });
  const { metadata } = chat;
  expect(reply).toMatchObject({ reply_to_id: chat.id, role: "assistant", content: chat.response, metadata });
  expect(heard.at(-1)!.payload).toEqual({ ...shared, message_id: reply.id, id: expect.anything() });
  expect(overheard).toEqual([]);
});

test("many small parts are sent together, in order", async () => {
  const { heard } = await join(ann);
  const words = Array.from({ length: 3000 }, (_, index) => `${index} `);
  stack.endpoint.next.push(says(...words));
  const begin = performance.now();
  const events = await collect(await stack.stream(`${session}chats/`, { message: "Count" }));
  const took = performance.now() - begin;
  expect(events.filter(({ event }) => event === "delta")).toHaveLength(3000);
  await untilDone(heard);
  const deltas = heard.filter(({ event }) => event === "reply.delta").map(({ payload }) => payload);
  expect(deltas.length).toBeLessThanOrEqual(took / 100 + 2);
  expect(deltas.map(({ index }) => index)).toEqual(deltas.map((_, index) => index));
  expect(deltas.map(({ delta }) => delta).join("")).toBe(words.join(""));
});

test("a large part is sent in several, without cutting a character in two", async () => {
  const { heard } = await join(ann);
  stack.endpoint.next.push(says(`a${"🍵".repeat(20_000)}`));
  const { body } = await send();
  await untilDone(heard);
  const deltas = heard.filter(({ event }) => event === "reply.delta").map(({ payload }) => payload.delta);
  expect(deltas.map((delta) => delta.length)).toEqual([29_999, 10_002]);
  expect(deltas.join("")).toBe(body.response);
});

test("a failure is announced, with the partial reply or without one", async () => {
  const { heard } = await join(ann);
  stack.endpoint.next.push(breaks());
  await send();
  await untilDone(heard);
  expect(heard.at(-1)!.payload).toMatchObject({ message_id: null, error: "responder_failed" });
  heard.length = 0;
  stack.endpoint.next.push(breaks("Tea "));
  await send();
  await untilDone(heard);
  expect(heard.at(-1)!.payload).toMatchObject({ message_id: expect.any(Number), error: "responder_failed" });
});

test("a reply that is stopped before its first word is announced as ended", async () => {
  const { heard } = await join(ann);
  stack.endpoint.next.push(hangs);
  const events = await stack.stream(`${session}chats/`, { message: "Hello" });
  const { value } = await events.next();
  await stack.call("POST", `${session}chats/${value!.data.id}/stop/`);
  await untilDone(heard);
  expect(heard.at(-1)!.payload).toMatchObject({ reply_to_id: value!.data.id, message_id: null, error: "cancelled" });
});
