import { expect, inject, test } from "vitest";
import type { LiveConversation } from "../../client/sdk/src/index.ts";
import { Proxy } from "../support/proxy.ts";
import { ConversationLog } from "../../client/sdk/src/conversations/conversation_log.ts";
import { ConversationReplies } from "../../client/sdk/src/conversations/conversation_replies.ts";
import { entries, type PendingTurn } from "../../client/sdk/src/conversations/entries.ts";
import { PendingTurns } from "../../client/sdk/src/conversations/pending_turns.ts";
import { another, newDevice } from "./devices.ts";

const ann = await newDevice("ann");
const { conversations } = ann.chat;

/** A new conversation, open on a device and live. */
async function openTalk({ chat } = ann, id?: string): Promise<LiveConversation> {
  const talk = chat.conversations.open(id ?? (await conversations.create()).id);
  await expect.poll(() => talk.getSnapshot().status).toBe("live");
  return talk;
}

const shown = (talk: LiveConversation) =>
  talk.getSnapshot().messages.map(({ role, content, state }) => ({ role, content, state }));

test("conversations can be created, renamed, archived, listed and deleted", async () => {
  const [first, second] = [await conversations.create({ title: "First" }), await conversations.create()];
  expect(second).toMatchObject({ title: "New Chat", archived: false, owner_id: ann.account.id });
  expect((await conversations.list({ limit: 1 })).map(({ id }) => id)).toEqual([second.id]);
  expect((await conversations.list({ before: second })).map(({ id }) => id)).toEqual([first.id]);
  expect(await conversations.rename(first.id, "Renamed")).toMatchObject({ title: "Renamed" });
  expect((await conversations.list({ query: "renam" })).map(({ id }) => id)).toEqual([first.id]);
  expect(await conversations.list({ query: "renam", archived: true })).toEqual([]);
  expect(await conversations.list({ query: "new chat", before: second })).toEqual([]);
  await expect(conversations.list({ query: " " })).rejects.toMatchObject({ code: "invalid_query", status: 400 });
  await conversations.archive(first.id);
  expect((await conversations.list({ archived: true })).map(({ title }) => title)).toEqual(["Renamed"]);
  await conversations.archive(first.id, false);
  expect(await conversations.list({ archived: true })).toEqual([]);
  await conversations.delete(first.id);
  await expect(conversations.get(first.id)).rejects.toMatchObject({ code: "conversation_not_found", status: 404 });
  await expect(conversations.rename(first.id, "Gone")).rejects.toMatchObject({ code: "conversation_not_found" });
  const bob = await newDevice("bob");
  await expect(bob.chat.conversations.open(second.id).ready).rejects.toMatchObject({ code: "conversation_not_found" });
});

test("a search finds what was said in conversations, page by page, and an open one loads as far as it", async () => {
  const cleo = await newDevice("cleo");
  const talks = cleo.chat.conversations;
  const [tea, coffee] = [await talks.create({ title: "Tea" }), await talks.create({ title: "Coffee" })];
  const say = (conversation_id: string, ...texts: string[]) =>
    cleo.supabase.schema("chat").from("conversation_messages")
      .insert(texts.map((content) => ({ conversation_id, role: "user", content }))).throwOnError();
  await say(tea.id, "Green teas, please");
  await say(tea.id, ...Array.from({ length: 1_020 }, (_, number) => `Filler ${number}`));
  await say(coffee.id, "No tea here");
  const found = await talks.search("tea");
  expect(found).toMatchObject([
    { conversation_id: coffee.id, title: "Coffee", role: "user", content: "No tea here" },
    { conversation_id: tea.id, title: "Tea", content: "Green teas, please" },
  ]);
  const [newest, oldest] = found.map(({ id }) => id) as [number, number];
  const ids = async (options: Parameters<typeof talks.search>[1]) =>
    (await talks.search("tea", options)).map(({ id }) => id);
  expect(await ids({ limit: 1 })).toEqual([newest]);
  expect(await ids({ before: newest })).toEqual([oldest]);
  expect(await ids({ conversationId: tea.id })).toEqual([oldest]);
  const [before, after] = [new Date(Date.now() - 86_400_000), new Date(Date.now() + 86_400_000)];
  expect([await ids({ sentAfter: after }), await ids({ sentBefore: before })]).toEqual([[], []]);
  expect(await ids({ sentAfter: before, sentBefore: after })).toEqual([newest, oldest]);
  expect(await conversations.search("tea")).toEqual([]);
  await expect(talks.search(" ")).rejects.toMatchObject({ code: "invalid_query" });
  await expect(conversations.search("tea", { conversationId: tea.id })).rejects.toMatchObject({
    code: "conversation_not_found",
  });
  const live = talks.open(tea.id);
  await live.loadFrom(oldest);
  expect(live.getSnapshot()).toMatchObject({ hasOlder: false });
  expect(live.getSnapshot().messages.map(({ id }) => id)[0]).toBe(oldest);
  expect(live.getSnapshot().messages).toHaveLength(1_021);
  live.close();
});

test("a reply arrives in parts that add up to the stored reply", async () => {
  const { id } = await conversations.create();
  const reply = conversations.ask(id, "What is tea?");
  const parts: string[] = [];
  for await (const part of reply) parts.push(part);
  expect(parts.length).toBeGreaterThan(1);
  const { id: question, response } = await reply.finished;
  expect(response).toBe(parts.join(""));
  expect(await reply.asked).toMatchObject({ id: question, message: "What is tea?" });
  expect(await conversations.messages(id)).toMatchObject([
    { id: question, role: "user", content: "What is tea?" },
    { role: "assistant", content: response, reply_to_id: question },
  ]);
  await expect.poll(async () => (await conversations.get(id)).title).toBe("What is tea?");
});

test("a question sent twice with the same client_id is stored once", async () => {
  const { id } = await conversations.create();
  const clientId = crypto.randomUUID();
  const first = await conversations.ask(id, "Once?", { clientId }).finished;
  expect(await conversations.ask(id, "Once?", { clientId }).finished).toMatchObject({ id: first.id });
  expect((await conversations.messages(id)).filter(({ role }) => role === "user")).toHaveLength(1);
});

test("an open conversation shows the question at once, and then the reply, with stable keys", async () => {
  const talk = await openTalk();
  const keys = new Set<string>();
  talk.subscribe(() => talk.getSnapshot().messages.forEach(({ key }) => keys.add(key)));
  const reply = talk.ask("What is tea?");
  expect(shown(talk)).toEqual([{ role: "user", content: "What is tea?", state: "sending" }]);
  expect(talk.getSnapshot().replying).toBe(true);
  const { response } = await reply.finished;
  await expect.poll(() => talk.getSnapshot().replying).toBe(false);
  expect(shown(talk)).toEqual([
    { role: "user", content: "What is tea?", state: "sent" },
    { role: "assistant", content: response, state: "sent" },
  ]);
  expect(keys.size).toBe(2);
  expect(talk.getSnapshot().messages.every(({ id }) => id !== null)).toBe(true);
});

test("another device shows the question and the reply as well", async () => {
  const here = await openTalk();
  const there = await openTalk(await another(ann), here.id);
  await here.ask("Tell me about tea, please.").finished;
  await expect.poll(() => there.getSnapshot().messages).toHaveLength(2);
  await expect.poll(() => there.getSnapshot().replying).toBe(false);
  await expect.poll(() => here.getSnapshot().replying).toBe(false);
  expect(there.getSnapshot().messages).toEqual(here.getSnapshot().messages);
});

test("a question that did not reach the server shows as failed, and can be sent again", async () => {
  const proxy = await Proxy.start(inject("status").api_url);
  const talk = await openTalk(await another(ann, proxy.url));
  proxy.goOffline();
  await expect(talk.ask("Is anybody there?").finished).rejects.toMatchObject({ code: "offline" });
  await expect.poll(() => shown(talk)).toEqual([{ role: "user", content: "Is anybody there?", state: "failed" }]);
  proxy.goOnline();
  const { response } = await talk.retry(talk.getSnapshot().messages[0]!).finished;
  await expect.poll(() => shown(talk)).toEqual([
    { role: "user", content: "Is anybody there?", state: "sent" },
    { role: "assistant", content: response, state: "sent" },
  ]);
});

test("older messages load page by page", async () => {
  const { id } = await conversations.create();
  const rows = Array.from({ length: 7 }, (_, n) => ({ conversation_id: id, role: "user", content: `number ${n}` }));
  await ann.supabase.schema("chat").from("conversation_messages").insert(rows).throwOnError();
  const talk = conversations.open(id, { pageSize: 3 });
  await talk.ready;
  expect(shown(talk).map(({ content }) => content)).toEqual(["number 4", "number 5", "number 6"]);
  await talk.loadOlder();
  await talk.loadOlder();
  expect(shown(talk)).toHaveLength(7);
  expect(talk.getSnapshot().hasOlder).toBe(false);
  await conversations.delete(id);
});

const turn = (clientId: string, fields: Partial<PendingTurn>): PendingTurn => ({
  ...{ clientId, question: null, questionId: null, text: "", parts: 0, after: 0, createdAt: "2026-01-01T00:00:00Z" },
  ...fields,
});

test("a reply whose events arrive before the response to its question shows once", () => {
  const turns = new PendingTurns();
  turns.put(turn("mine", { question: "What is tea?" }));
  turns.put(turn("reply:7", { questionId: 7, error: "responder_failed" }));
  turns.update("mine", { questionId: 7 });
  turns.update("mine", { error: "responder_failed" });
  expect(entries([], turns.list, []).map(({ key, state }) => [key, state])).toEqual([
    ["mine", "sent"],
    ["reply:7", "failed"],
  ]);
});

test("a reply that has failed here shows once, also when its event comes before the question is read", () => {
  const log = new ConversationLog(conversations, "00000000-0000-4000-8000-000000000000", 20);
  const nothing = () => {};
  const replies = new ConversationReplies(log, {
    onChanged: nothing,
    read: () => Promise.resolve(),
    onEnded: nothing,
    onGap: nothing,
    isClosed: () => false,
  });
  replies.turns.put(turn("mine", { question: "What is tea?", questionId: 7, error: "responder_failed" }));
  replies.receive({
    event: "reply.done",
    conversation_id: log.id,
    reply_to_id: 7,
    message_id: null,
    error: "responder_failed",
  });
  expect(entries(log.messages, replies.turns.list, []).map(({ key, state }) => [key, state])).toEqual([
    ["mine", "sent"],
    ["reply:7", "failed"],
  ]);
});
