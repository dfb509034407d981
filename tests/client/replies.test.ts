import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import type { LiveConversation } from "../../client/sdk/src/index.ts";
import { answers, breaks, Endpoint, saysSlowly, stallsSlowly } from "../support/endpoint.ts";
import { fine, Proxy } from "../support/proxy.ts";
import { startStack } from "../support/stack.ts";
import { anotherOf, newDeviceOf, supabaseAt } from "./devices.ts";

const WORDS = Array.from({ length: 60 }, (_, n) => `word${n} `);
const PAUSE_MS = 40;

// A stack of its own, with a slow assistant.
const endpoint = new Endpoint(saysSlowly(PAUSE_MS, ...WORDS));
const { status, stop } = await startStack({
  env: { RESPONDER_URL: await endpoint.open(), RESPONDER_MODEL: "slow" },
});
afterAll(async () => {
  await stop();
  await endpoint.close();
});

const { api_url, publishable_key } = status;
const client = () => supabaseAt(api_url, { key: publishable_key });
const ann = await newDeviceOf(client(), "ann", undefined, status);
const phone = await anotherOf(client(), ann);
const whole = WORDS.join("");

/** A new conversation, open on both devices. */
async function openBoth(): Promise<[LiveConversation, LiveConversation]> {
  const { id } = await ann.chat.conversations.create();
  const talks = [ann, phone].map(({ chat }) => chat.conversations.open(id));
  for (const talk of talks) await expect.poll(() => talk.getSnapshot().status).toBe("live");
  return talks as [LiveConversation, LiveConversation];
}

const shown = (talk: LiveConversation) => talk.getSnapshot().messages.map(({ content, state }) => [content, state]);
const last = (talk: LiveConversation) => talk.getSnapshot().messages.at(-1);
const rest = async (...talks: LiveConversation[]) => {
  for (const talk of talks) {
    await expect.poll(() => talk.getSnapshot().replying).toBe(false);
  }
};

test("the reply grows on both devices, and a device that opens later shows all of it", async () => {
  const [here, there] = await openBoth();
  const [asking, following] = [here, there].map((talk) => {
    const seen = new Set<string>();
    talk.subscribe(() => last(talk)?.role === "assistant" && seen.add(last(talk)!.content));
    return seen;
  });
  const reply = here.ask("Slowly, please");
  await expect.poll(() => last(there)?.content.split(" ").length ?? 0).toBeGreaterThan(10);
  expect(last(there)!.state).toBe("streaming");
  const late = phone.chat.conversations.open(here.id);
  await reply.finished;
  await rest(here, there, late);
  await expect.poll(() => shown(late)).toEqual([["Slowly, please", "sent"], [whole, "sent"]]);
  expect(shown(here)).toEqual(shown(late));
  expect(shown(there)).toEqual(shown(late));
  for (const seen of [asking!, following!]) {
    expect(seen.size).toBeGreaterThan(3);
    for (const text of seen) expect(whole.startsWith(text)).toBe(true);
  }
});

test("repeated and reordered parts never show a text that was not written", async () => {
  const proxy = await Proxy.start(api_url);
  const laptop = await anotherOf(supabaseAt(proxy.url, { key: publishable_key }), ann);
  const { id } = await ann.chat.conversations.create();
  const talk = laptop.chat.conversations.open(id);
  await expect.poll(() => talk.getSnapshot().status).toBe("live");
  const seen = new Set<string>();
  talk.subscribe(() => last(talk)?.role === "assistant" && seen.add(last(talk)!.content));
  proxy.weather = { ...fine, eventsTwice: 0.6, eventsSwapped: 0.2 };
  await ann.chat.conversations.ask(id, "Over a bad line").finished;
  await expect.poll(() => shown(talk)).toEqual([["Over a bad line", "sent"], [whole, "sent"]]);
  expect(seen.size).toBeGreaterThan(1);
  for (const text of seen) expect(whole.startsWith(text)).toBe(true);
});

test("a stopped reply keeps its text, and another can follow", async () => {
  const [here, there] = await openBoth();
  endpoint.next.push(stallsSlowly(PAUSE_MS, ...WORDS.slice(0, 20)));
  const reply = here.ask("What is tea?");
  for await (const part of reply) {
    if (part.includes("word3")) here.stop();
  }
  expect(await reply.finished).toMatchObject({ response: null });
  await rest(here, there);
  const [question, partial] = here.getSnapshot().messages;
  expect(partial).toMatchObject({ state: "sent", metadata: { partial: true }, reply_to_id: question!.id });
  expect(partial!.content.length).toBeLessThan(whole.length / 2);
  expect(whole.startsWith(partial!.content)).toBe(true);
  expect(shown(there)).toEqual(shown(here));
  await here.regenerate(question!.id!).finished;
  await rest(here, there);
  for (const talk of [here, there]) expect(shown(talk)).toEqual([["What is tea?", "sent"], [whole, "sent"]]);
});

test("a reply that breaks off shows as failed, with its text so far", async () => {
  const [here, there] = await openBoth();
  endpoint.next.push(breaks(...WORDS.slice(0, 5)));
  await expect(here.ask("What is coffee?").finished).rejects.toMatchObject({ code: "responder_failed", status: 502 });
  await rest(here, there);
  await expect.poll(() => shown(here)).toEqual([["What is coffee?", "sent"], [WORDS.slice(0, 5).join(""), "sent"]]);
  await expect.poll(() => shown(there)).toEqual(shown(here));
});

test("a device that loses its connection during a reply gets the rest of it", async () => {
  const proxy = await Proxy.start(api_url);
  const laptop = await anotherOf(supabaseAt(proxy.url, { key: publishable_key }), ann);
  const talk = laptop.chat.conversations.open((await ann.chat.conversations.create()).id);
  await expect.poll(() => talk.getSnapshot().status).toBe("live");
  const reply = talk.ask("Are you there?");
  await expect.poll(() => last(talk)?.content.length ?? 0).toBeGreaterThan(20);
  const seen = new Set<string>();
  talk.subscribe(() => last(talk)?.role === "assistant" && seen.add(last(talk)!.content));
  const parts: string[] = [];
  const reading = (async () => {
    for await (const part of reply) parts.push(part);
  })();
  for (let cuts = 0; cuts < 3; cuts++) {
    proxy.cut();
    await sleep(400);
  }
  expect(await reply.finished).toMatchObject({ response: whole });
  await reading;
  expect(parts.join("")).toBe(whole);
  await rest(talk);
  expect(shown(talk)).toEqual([["Are you there?", "sent"], [whole, "sent"]]);
  for (const text of seen) expect(whole.startsWith(text)).toBe(true);
});

test("a user who closes the page during a reply finds it on another device: growing, and whole in the end", async () => {
  const laptop = await anotherOf(client(), ann);
  const { id } = await ann.chat.conversations.create();
  const talk = laptop.chat.conversations.open(id);
  await talk.ready;
  const reply = talk.ask("Go on without me");
  await expect.poll(() => last(talk)?.content.length ?? 0).toBeGreaterThan(20);
  await laptop.close();
  await expect(reply.finished).rejects.toMatchObject({ code: "closed" });
  const seen = new Set<string>();
  for (let reload = 0; reload < 5; reload++) {
    const again = phone.chat.conversations.open(id);
    again.subscribe(() => last(again)?.role === "assistant" && seen.add(last(again)!.content));
    await again.ready;
    await expect.poll(() => last(again)?.role).toBe("assistant");
    await sleep(150);
    again.close();
  }
  const late = phone.chat.conversations.open(id);
  await expect.poll(() => shown(late)).toEqual([["Go on without me", "sent"], [whole, "sent"]]);
  expect(late.getSnapshot().replying).toBe(false);
  expect(seen.size).toBeGreaterThan(2);
  for (const text of seen) expect(whole.startsWith(text)).toBe(true);
});

test("a reply can be stopped on the other device, within a second", async () => {
  const [here, there] = await openBoth();
  const reply = here.ask("Stop me over there");
  await expect.poll(() => last(there)?.content.length ?? 0).toBeGreaterThan(20);
  const before = performance.now();
  await there.stop();
  await rest(here, there);
  expect(performance.now() - before).toBeLessThan(1_500);
  const { response, metadata } = await reply.finished;
  expect([response!.length < whole.length, metadata.partial]).toEqual([true, true]);
  for (const talk of [here, there]) {
    await expect.poll(() => last(talk)).toMatchObject({ content: response, state: "sent", partial: true });
  }
  await there.continue(here.getSnapshot().messages[0]!.id!).finished;
  await rest(here, there);
  for (const talk of [here, there]) await expect.poll(() => last(talk)).toMatchObject({ partial: false });
  expect(last(here)!.content.startsWith(response!)).toBe(true);
});

test("a second question during a reply is refused, and shows as failed", async () => {
  const [here] = await openBoth();
  // Slow enough that it still runs when a busy machine asks the second question.
  endpoint.next.push(saysSlowly(3 * PAUSE_MS, ...WORDS));
  here.ask("First things first");
  await expect.poll(() => last(here)).toMatchObject({ role: "assistant", content: expect.stringContaining("word0") });
  await expect(here.ask("And second?").finished).rejects.toMatchObject({ code: "reply_running", status: 409 });
  expect(shown(here).at(-1)).toEqual(["And second?", "failed"]);
  await rest(here);
  await here.retry(last(here)!).finished;
  await rest(here);
  expect(shown(here)).toEqual([["First things first", "sent"], [whole, "sent"], ["And second?", "sent"], [
    whole,
    "sent",
  ]]);
});

test("a device shows the end of a reply although its event is lost", async () => {
  const proxy = await Proxy.start(api_url);
  const laptop = await anotherOf(supabaseAt(proxy.url, { key: publishable_key }), ann);
  const { id } = await ann.chat.conversations.create();
  const talk = laptop.chat.conversations.open(id);
  await expect.poll(() => talk.getSnapshot().status).toBe("live");
  const reply = ann.chat.conversations.ask(id, "Over a deaf line");
  await expect.poll(() => last(talk)?.content.length ?? 0).toBeGreaterThan(5);
  proxy.weather = { ...fine, deaf: true };
  await reply.finished;
  await expect.poll(() => shown(talk)).toEqual([["Over a deaf line", "sent"], [whole, "sent"]]);
  expect(talk.getSnapshot().replying).toBe(false);
});

test("a missing reply shows as failed on both devices, until another is requested", async () => {
  const [here, there] = await openBoth();
  const question = "What is chocolate?";
  endpoint.next.push(answers(400, JSON.stringify({ error: { message: "No." } })));
  await expect(here.ask(question).finished).rejects.toMatchObject({ code: "responder_failed" });
  for (const talk of [here, there]) {
    await expect.poll(() => shown(talk)).toEqual([[question, "sent"], ["", "failed"]]);
    expect(last(talk)).toMatchObject({ role: "assistant", error: "responder_failed" });
  }
  await there.retry(last(there)!).finished;
  await rest(here, there);
  for (const talk of [here, there]) await expect.poll(() => shown(talk)).toEqual([[question, "sent"], [whole, "sent"]]);
});
