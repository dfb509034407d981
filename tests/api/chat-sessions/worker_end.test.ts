import { expect, onTestFinished, test } from "vitest";
import { stalls } from "../../support/endpoint.ts";
import { collect } from "./events.ts";
import { ResponderStack } from "./responder_stack.ts";

async function start(settings: Record<string, string> = {}) {
  const stack = await ResponderStack.start(settings);
  onTestFinished(() => stack.stop());
  await stack.signIn("ann");
  return { stack, endpoint: stack.endpoint, session: await stack.newSession() };
}

const kept = { response: "Tea ", metadata: { responder: "tea-1", partial: true } };

test("a reply that would outlive its worker ends before it, and its text so far is stored", async () => {
  const { stack, endpoint, session } = await start({ WORKER_SECONDS: "1" });
  endpoint.next.push(stalls("Tea "));
  const { status, body } = await stack.call("POST", `${session}chats/`, { message: "Hello" });
  expect([status, body.chat]).toMatchObject([502, kept]);
  expect((await stack.call("GET", session)).body.chats).toEqual([body.chat]);
});

test("when the stack stops, replies are stored and announced with their text so far", async () => {
  const { stack, endpoint, session } = await start();
  endpoint.next.push(stalls("Tea "));
  const events = await stack.stream(`${session}chats/`, { message: "Hello" });
  expect([await events.next(), await events.next()].map(({ value }) => value?.event)).toEqual(["chat", "delta"]);
  stack.running.child.kill("SIGTERM");
  expect(await collect(events)).toMatchObject([{ event: "error", data: { code: "responder_failed", chat: kept } }]);
});

test("without RESPONDER_MODEL, the message is stored, and the log names the missing setting", async () => {
  const { stack, endpoint, session } = await start({ RESPONDER_MODEL: "" });
  const { status, body } = await stack.call("POST", `${session}chats/`, { message: "Hello" });
  expect([status, body.chat.response]).toEqual([502, null]);
  expect(endpoint.asked).toEqual([]);
  expect(stack.log()).toContain("The setting RESPONDER_MODEL is missing.");
});
