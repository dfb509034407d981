import { afterAll, beforeAll, expect, test } from "vitest";
import { saysSlowly } from "../../support/endpoint.ts";
import { collect } from "../chat-sessions/events.ts";
import { ResponderStack } from "../chat-sessions/responder_stack.ts";

let stack: ResponderStack, conversation: string;

beforeAll(async () => {
  stack = await ResponderStack.start();
  await stack.signIn("ann");
  const [, , , , , id] = (await stack.newSession()).split("/");
  conversation = `/api/conversations/${id}/`;
});
afterAll(() => stack.stop());

test("a running reply can be found, streamed by another device, stopped and continued", async () => {
  stack.endpoint.next.push(saysSlowly(60, ...Array.from({ length: 200 }, (_, index) => `word${index} `)));
  const asked = stack.stream(`${conversation}questions/`, { message: "Tell me everything" });
  const events = await asked;
  const first = (await events.next()).value!;
  expect(first.event).toBe("exchange");
  const question = `${conversation}questions/${first.data.id}/`;

  const running = await (await stack.at(stack.api("assistant"), "GET", `${conversation}running-reply/`)).json();
  expect(running).toMatchObject({ question: first.data.id, state: "running", reason: null });

  const other = await stack.follow(`${conversation}running-reply/`);
  expect((await other.next()).value).toMatchObject({ event: "exchange", data: { id: first.data.id } });
  expect((await other.next()).value!.event).toBe("delta");

  const stopped = await (await stack.at(stack.api("assistant"), "POST", `${question}stop/`, {})).json();
  expect(stopped).toMatchObject({ id: first.data.id, metadata: { partial: true } });
  expect((await collect(other)).at(-1)).toMatchObject({ event: "done", data: stopped });

  stack.endpoint.next.push(saysSlowly(0, "the end"));
  const continued = await (await stack.at(stack.api("assistant"), "POST", `${question}continue/`, {})).json();
  expect(continued.response).toBe(`${stopped.response}the end`);
});
