import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { answers, says } from "../../support/endpoint.ts";
import { ResponderStack } from "./responder_stack.ts";

let stack: ResponderStack, session: string;

beforeAll(async () => {
  // A turn of 36 bytes counts as 9 tokens, plus 4.
  stack = await ResponderStack.start({ RESPONDER_CONTEXT_TOKENS: "65", RESPONDER_KEY: "", RESPONDER_TIMEOUT: "" });
  await stack.signIn("ann");
});
afterAll(() => stack.stop());
beforeEach(async () => {
  session = await stack.newSession();
  stack.endpoint.asked.length = 0;
});

const turn = (text: string) => text.padEnd(36, ".");
const user = (text: string) => ({ role: "user", content: turn(text) });
const assistant = (text: string) => ({ role: "assistant", content: turn(text) });

async function ask(message: string, response: string) {
  stack.endpoint.next.push(says(turn(response)));
  return (await stack.call("POST", `${session}chats/`, { message: turn(message) })).body;
}

const lastAsked = () => stack.endpoint.asked.at(-1)!.body.messages;

/** Adds a message as a client of the conversations API does. */
async function say(role: string, content: string): Promise<void> {
  const id = session.split("/").at(-2);
  const { status } = await stack.call("POST", `/api/chat/conversations/${id}/messages/`, { role, content });
  expect(status).toBe(201);
}

test("the newest turns that fit the budget are sent, oldest first", async () => {
  for (const name of ["A", "B", "C"]) await ask(name, `to ${name}`);
  await ask("D", "to D");
  expect(lastAsked()).toEqual([user("B"), assistant("to B"), user("C"), assistant("to C"), user("D")]);
});

test("a reply is not sent without its question, even if it fits", async () => {
  await ask("A", "to A");
  await ask("B", "to B".padEnd(72, "."));
  await ask("C", "to C");
  expect(lastAsked()).toEqual([user("B"), { role: "assistant", content: "to B".padEnd(72, ".") }, user("C")]);
});

test("system messages stay, at the cost of older turns; other roles are not sent", async () => {
  await say("system", turn("Be short"));
  await say("наблюдатель", turn("Nobody asked"));
  for (const name of ["A", "B"]) await ask(name, `to ${name}`);
  await say("developer", turn("Be kind"));
  await ask("C", "to C");
  const system = (text: string) => ({ role: "system", content: turn(text) });
  expect(lastAsked()).toEqual([system("Be short"), user("B"), assistant("to B"), system("Be kind"), user("C")]);
});

test("a question that fills the budget is sent alone; a longer one → 400 naming the limit", async () => {
  await ask("A", "to A");
  const most = "a".repeat(61 * 4);
  await ask(most, "to it");
  expect(lastAsked()).toEqual([{ role: "user", content: most }]);
  const asked = stack.endpoint.asked.length;
  for (const message of [`${most}a`, "чай ".repeat(500)]) {
    const { status, body } = await stack.call("POST", `${session}chats/`, { message });
    expect([status, body]).toEqual([400, { message: [expect.stringMatching(/at most 65 tokens, about 244 bytes/)] }]);
  }
  expect(stack.endpoint.asked).toHaveLength(asked);
  expect((await stack.call("GET", session)).body.chats).toHaveLength(2);
});

test("POST …/regenerate/ → 400 to a question that is too long, stored by another API", async () => {
  await say("user", "чай ".repeat(500));
  const [{ id }] = (await stack.call("GET", session)).body.chats;
  const { status, body } = await stack.call("POST", `${session}chats/${id}/regenerate/`);
  expect([status, body]).toEqual([400, { message: [expect.stringMatching(/at most 65 tokens/)] }]);
  expect(stack.endpoint.asked).toEqual([]);
});

test("the budget counts bytes, not characters", async () => {
  await ask("A", "ч".repeat(80));
  await ask("B", "to B");
  expect(lastAsked()).toEqual([user("B")]);
});

test("regenerating sends the same turns as the first time; later turns include the newest reply", async () => {
  const chat = await ask("A", "first");
  await ask("B", "to B");
  stack.endpoint.next.push(says(turn("second")));
  const { body } = await stack.call("POST", `${session}chats/${chat.id}/regenerate/`);
  expect([lastAsked(), body.response]).toEqual([[user("A")], turn("second")]);
  await ask("C", "to C");
  expect(lastAsked()).toEqual([user("A"), assistant("second"), user("B"), assistant("to B"), user("C")]);
});

test("a question without a reply is sent as well", async () => {
  stack.endpoint.next.push(answers(400, "{}"));
  expect((await stack.call("POST", `${session}chats/`, { message: turn("A") })).status).toBe(502);
  await ask("B", "to B");
  expect(lastAsked()).toEqual([user("A"), user("B")]);
});

test("an endpoint without a key is sent none", async () => {
  await ask("A", "to A");
  expect(stack.endpoint.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});
