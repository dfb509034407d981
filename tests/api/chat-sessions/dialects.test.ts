import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { answers, type Endpoint, type Manner } from "../../support/endpoint.ts";
import { ResponderStack } from "./responder_stack.ts";

let stack: ResponderStack, endpoint: Endpoint, session: string;

beforeAll(async () => {
  stack = await ResponderStack.start({ RESPONDER_TIMEOUT: "4", RESPONDER_MAX_TOKENS: "300" });
  endpoint = stack.endpoint;
  await stack.signIn("ann");
});
afterAll(() => stack.stop());
afterEach(() => {
  endpoint.next.length = endpoint.asked.length = 0;
});

/** A stream with exactly this body. */
const raw = (body: string, type = "text/event-stream"): Manner => (response) => {
  response.writeHead(200, { "Content-Type": type }).end(body);
};
const open = (response: ServerResponse) => response.writeHead(200, { "Content-Type": "text/event-stream" });

const event = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const chunk = (choice: object, more: object = {}) =>
  event({ object: "chat.completion.chunk", choices: [{ index: 0, ...choice }], ...more });
const delta = (fields: object, more: object = {}) => chunk({ delta: fields, finish_reason: null, ...more });
const says = (...texts: string[]) => texts.map((content) => delta({ content })).join("");
const stop = (reason = "stop") => chunk({ delta: {}, finish_reason: reason });
const DONE = event("[DONE]");
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

async function ask(...manners: Manner[]) {
  session = await stack.newSession();
  endpoint.next.push(...manners);
  return await stack.call("POST", `${session}chats/`, { message: "What is tea?" });
}

const whole = (status: number, { metadata, response }: { metadata: object; response: string }) =>
  expect([status, response, metadata]).toEqual([201, "Tea is a drink.", { responder: "tea-1" }]);

const parts = says("Tea ", "is ", "a drink.");
const withThoughts = (...texts: string[]) => says(...texts, "Tea is", " a drink.") + stop() + DONE;

describe("a whole reply", () => {
  test.each<[string, string]>([
    ["that ends as OpenAI's do", delta({ role: "assistant", content: "" }) + parts + stop() + DONE],
    ["without [DONE], by its finish_reason", parts + stop()],
    ["without finish_reason, by [DONE]", parts + DONE],
    [
      "whose finish_reason comes with the last word",
      says("Tea ", "is ") +
      chunk({ delta: { content: "a drink." }, finish_reason: "stop" }),
    ],
    [
      "whose chunks have no finish_reason but the last",
      chunk({ delta: { content: "Tea is " } }) +
      chunk({ delta: { content: "a drink." } }) + stop(),
    ],
    [
      "whose finish_reason is empty before its end",
      chunk({ delta: { content: "Tea is " }, finish_reason: "" }) +
      chunk({ delta: { content: "a drink." }, finish_reason: "" }) + stop() + DONE,
    ],
    [
      "whose chunks all have a finish_reason",
      chunk({ delta: { content: "Tea is " }, finish_reason: "stop" }) +
      chunk({ delta: { content: "a drink." }, finish_reason: "stop" }) + DONE,
    ],
    ["that ends for another reason", parts + stop("end_turn") + DONE],
    ["with a chunk of usage and no choices at its end", parts + stop() + event({ choices: [], usage }) + DONE],
    ["with usage in its last chunk", parts + chunk({ delta: {}, finish_reason: "stop" }, { usage })],
    [
      "with results of filters first, without choices",
      event({ id: "", choices: [], prompt_filter_results: [{}] }) +
      parts + stop() + DONE,
    ],
    [
      "with results of filters in choices without delta",
      parts +
      chunk({ finish_reason: null, content_filter_results: {}, content_filter_offsets: {} }) + stop() + DONE,
    ],
    [
      "with comments that keep the connection open",
      `: OPENROUTER PROCESSING\n\n: ping\n\n${parts}: x\n\n${stop()}${DONE}`,
    ],
    ["with CRLF", (parts + stop() + DONE).replaceAll("\n", "\r\n")],
    ["without a space after the colon", (parts + stop() + DONE).replaceAll("data: ", "data:")],
    ["with names and ids of events", (parts + stop() + DONE).replaceAll("data: ", "event: message\nid: 1\ndata: ")],
    ["whose last event lacks its empty line", (parts + stop() + DONE).trimEnd()],
    ["after a mark of byte order", `\ufeff${parts}${stop()}${DONE}`],
    [
      "with parts as content",
      delta({ content: [{ type: "text", text: "Tea is " }] }) +
      delta({ content: [{ type: "text", text: "a " }, { type: "text", text: "drink." }] }) + stop() + DONE,
    ],
    [
      "after parts that are thoughts",
      delta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm" }] }] }) +
      delta({ content: [{ type: "reasoning", text: "Hm" }, { type: "text", text: "Tea is a drink." }] }) + stop(),
    ],
    [
      "after reasoning in fields of its own",
      delta({ content: "", reasoning: "Hm" }) +
      delta({ content: null, reasoning_content: "Hm" }) + parts + stop() + DONE,
    ],
    ["after thoughts between tags", withThoughts("<think>Hm", " let me see</think>\n\n")],
    ["after thoughts whose tags come in pieces", withThoughts("\n<th", "ink>", "Hm</th", "ink>", "\n", "\n")],
    ["after empty thoughts", withThoughts("<think>\n\n</think>", "\n\n")],
    ["with null as content, and no role", delta({ content: null }) + parts + delta({}) + stop() + DONE],
    [
      "beside calls of tools",
      parts + delta({ tool_calls: [{ index: 0, function: { name: "x", arguments: "{}" } }] }) +
      stop("tool_calls") + DONE,
    ],
    ["that is a refusal", delta({ refusal: "Tea is " }) + delta({ refusal: "a drink." }) + stop() + DONE],
    [
      "before which other choices stand",
      parts.replaceAll('"choices":[', '"choices":[{"index":1,"delta":{"content":"x"}},') +
      stop(),
    ],
    ["that is followed by an error", parts + stop() + event({ error: { message: "too late" } })],
    ["that is followed by garbage", parts + stop() + event("{tea}")],
    ["with chunks of another kind", event({ type: "ping" }) + parts + stop() + DONE],
  ])("%s", async (_, body) => {
    const { status, body: chat } = await ask(raw(body));
    whole(status, chat);
  });

  test("whatever the content type of the response", async () => {
    for (const type of ["text/plain", "application/octet-stream", "application/json"]) {
      const { status, body } = await ask(raw(parts + stop() + DONE, type));
      whole(status, body);
    }
  });

  test.each([
    ["with its reason", { finish_reason: "stop" }],
    ["without one", {}],
  ])("that comes as one JSON text although a stream was requested, %s", async (_, more) => {
    const message = { role: "assistant", content: "Tea is a drink.", reasoning_content: "Hm" };
    const { status, body } = await ask(
      answers(200, JSON.stringify({ choices: [{ index: 0, message, ...more }], usage })),
    );
    whole(status, body);
  });

  test("although the endpoint keeps the connection open after its end", async () => {
    const { status, body } = await ask((response) => void open(response).write(parts + stop()));
    whole(status, body);
    await endpoint.asked[0]!.closed;
  });

  test("although the connection is cut after its end", async () => {
    const { status, body } = await ask(async (response) => {
      open(response).write(parts + stop());
      await sleep(200);
      response.destroy();
    });
    whole(status, body);
  });

  test("although only comments come for longer than the endpoint's timeout", async () => {
    const { status, body } = await ask(async (response) => {
      open(response);
      for (let count = 0; count < 6; count++) {
        response.write(": OPENROUTER PROCESSING\n\n");
        await sleep(1_000);
      }
      response.end(parts + stop() + DONE);
    });
    whole(status, body);
  });

  test("whose characters are split between packets", async () => {
    const bytes = Buffer.from(says("чай 🍵") + stop() + DONE);
    const { body } = await ask(async (response) => {
      open(response);
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        if (byte > 127) await sleep(1);
      }
      response.end();
    });
    expect(body.response).toBe("чай 🍵");
  });

  test("a text that mentions thinking tags is not a thought", async () => {
    for (const text of ["<thinker> is no tag", "The tag <think> opens a thought</think>", "<th"]) {
      expect((await ask(raw(says(...text.split(/(?<=k)/)) + stop()))).body.response).toBe(text);
    }
  });
});

describe("a reply that is cut", () => {
  const partial = { response: "Tea is ", metadata: { responder: "tea-1", partial: true } };

  test.each(["length", "max_tokens", "MAX_TOKENS", "model_length", "content_filter", "SAFETY"])(
    "by the model for %s is partial",
    async (reason) => {
      expect(await ask(raw(says("Tea ", "is ") + stop(reason) + DONE))).toMatchObject({ status: 201, body: partial });
    },
  );

  test("in one JSON text is partial", async () => {
    const choice = { message: { content: "Tea is " }, finish_reason: "length" };
    expect(await ask(answers(200, JSON.stringify({ choices: [choice] })))).toMatchObject({
      status: 201,
      body: partial,
    });
  });

  test.each<[string, string]>([
    ["by an error", event({ error: { code: 502, message: "Provider disconnected" } })],
    [
      "by an error in a chunk",
      event({ error: { code: 429 }, choices: [{ delta: { content: "" }, finish_reason: "error" }] }),
    ],
    ["by an error and then [DONE]", event({ error: { message: "x" } }) + DONE],
    ["by an object that is an error", event({ object: "error", message: "x", code: 500 })],
    ["by an event that is an error", `event: error\ndata: ${JSON.stringify({ message: "x" })}\n\n`],
    ["for reasons that are failures", stop("error") + DONE],
    ["by an abort", stop("abort") + DONE],
    ["in the middle of an event", 'data: {"choices":[{"index":0,"delta":{"conte'],
    ["without an end", ""],
  ])("%s is partial → 502", async (_, end) => {
    expect(await ask(raw(says("Tea ", "is ") + end))).toMatchObject({
      status: 502,
      body: { code: "responder_failed", chat: partial },
    });
    const again = await stack.call(
      "POST",
      `${session}chats/${(await stack.call("GET", session)).body.chats[0].id}/regenerate/`,
    );
    whole(again.status + 1, again.body);
  });
});

describe("a reply without text", () => {
  test.each<[string, Manner]>([
    ["an error with status 200", answers(200, JSON.stringify({ error: { message: "x" } }))],
    ["an error in the stream", raw(event({ error: { message: "x" } }))],
    ["a call of a tool alone", raw(delta({ content: null, tool_calls: [{ index: 0 }] }) + stop("tool_calls") + DONE)],
    ["thoughts alone", raw(says("<think>Hm, let me see") + stop() + DONE)],
    ["reasoning alone", raw(delta({ content: "", reasoning: "Hm" }) + stop() + DONE)],
    ["a filter at once", raw(stop("content_filter") + DONE)],
    ["nothing", raw("")],
    ["[DONE] alone", raw(DONE)],
  ])("%s: the message is stored, without a reply", async (_, manner) => {
    const { status, body } = await ask(manner);
    expect([status, body.chat.response]).toEqual([502, null]);
    expect((await stack.call("GET", session)).body.chats).toEqual([body.chat]);
  });
});

describe("parameters that an endpoint refuses", () => {
  const refuses = (error: object) => answers(400, JSON.stringify({ error }));
  const bodies = () => endpoint.asked.map(({ body: { messages: _, model: __, ...rest } }) => rest);

  test("max_tokens is sent first; where the endpoint wants max_completion_tokens, that, from then on", async () => {
    const { status, body } = await ask(
      refuses({
        message:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param: "max_tokens",
        code: "unsupported_parameter",
      }),
    );
    whole(status, body);
    await ask();
    const limit = { stream: true, max_completion_tokens: 300 };
    expect(bodies()).toEqual([{ stream: true, max_tokens: 300 }, limit, limit]);
  });

  test("where the endpoint accepts no limit, none is sent; where it has no streams, one response is requested", async () => {
    const message = { content: "Tea is a drink." };
    const answer = answers(200, JSON.stringify({ choices: [{ message, finish_reason: "stop" }] }));
    const { status, body } = await ask(
      refuses({ message: "max_completion_tokens is too large: 300", param: "max_completion_tokens" }),
      refuses({ message: "Your organization must be verified to stream this model.", param: "stream" }),
      answer,
    );
    whole(status, body);
    whole((await ask(answer)).status, body);
    expect(bodies().slice(-2)).toEqual([{ stream: false }, { stream: false }]);
  });

  test("any other refusal is not retried", async () => {
    expect((await ask(refuses({ message: "The model does not exist", code: "model_not_found" }))).status).toBe(502);
    expect(endpoint.asked).toHaveLength(1);
  });
});
