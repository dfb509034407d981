import { beforeAll, describe, expect, test } from "vitest";
import { newGroup, newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number, group: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
  group = await newGroup(ann, bob);
  await send(
    ann,
    chat,
    "Мы купили новые машины вчера",
    "The engineers were running their tests",
    "100% of it_em's \\ done",
  );
  await send(bob, group, "Эта машина моя", "Nobody runs here");
});

async function find(query: string, chat?: number): Promise<string[]> {
  const path = `/api/messages/search/?q=${encodeURIComponent(query)}${chat ? `&chat=${chat}` : ""}`;
  const { status, body } = await ann.api.get(path);
  expect(status).toBe(200);
  return body.map((message: { text: string }) => message.text);
}

describe("GET /api/messages/search/ finds", () => {
  test.each([
    ["a Russian word in another form, newest first", "машину", ["Эта машина моя", "Мы купили новые машины вчера"]],
    ["an English word in another form", "run", ["Nobody runs here", "The engineers were running their tests"]],
    ["a part of a Russian word", "овые маш", ["Мы купили новые машины вчера"]],
    ["a part of an English word", "ngineer", ["The engineers were running their tests"]],
    ["letters in any case", "ЭТА", ["Эта машина моя"]],
    ["signs that mean something to SQL, as themselves", "100% of it_em's \\", ["100% of it_em's \\ done"]],
    ["nothing for wildcards", "%%%", []],
    ["nothing for SQL", "'; drop table chat.messages; --", []],
  ])("%s", async (_, query, texts) => expect(await find(query)).toEqual(texts));

  test("in one chat only, when it is given", async () => {
    expect(await find("машина", chat)).toEqual(["Мы купили новые машины вчера"]);
  });

  test("by sender and by time, with and without a text", async () => {
    const texts = async (query: string) => {
      const { status, body } = await ann.api.get(`/api/messages/search/?${query}`);
      expect(status).toBe(200);
      return body.map((message: { text: string }) => message.text);
    };
    const q = encodeURIComponent("машина");
    expect(await texts(`q=${q}&sender=${bob.id}`)).toEqual(["Эта машина моя"]);
    expect(await texts(`sender=${bob.id}`)).toEqual(["Nobody runs here", "Эта машина моя"]);
    expect(await texts(`sender=${ann.id}&chat=${group}`)).toEqual([]);
    expect(await texts(`sender=999999999`)).toEqual([]);
    expect(await texts(`q=${q}&sent_before=2020-01-01T00:00:00Z`)).toEqual([]);
    expect(await texts(`q=${q}&sent_after=2020-01-01T00:00:00%2B03:00&sent_before=2999-01-01T00:00:00Z`)).toHaveLength(
      2,
    );
    const pages = await ann.api.pages(`/api/messages/search/?sender=${ann.id}&limit=1`);
    expect(pages.flat()).toHaveLength(3);
  });

  test("page by page", async () => {
    const pages = await ann.api.pages(`/api/messages/search/?q=${encodeURIComponent("машина")}&limit=1`);
    expect(pages.flat().map((message) => message.text)).toEqual(["Эта машина моя", "Мы купили новые машины вчера"]);
  });

  test("the edited text, not the one before, and no deleted message", async () => {
    const [edited, deleted] = await send(ann, chat, "Zanzibar before", "Zanzibar too");
    await ann.api.put(`/api/messages/${edited.id}/`, { text: "Madagascar after" });
    await ann.api.delete(`/api/messages/${deleted.id}/`);
    expect(await find("zanzibar")).toEqual([]);
    expect(await find("madagascar")).toEqual(["Madagascar after"]);
  });

  test("nothing for a stranger; with the chat → 404", async () => {
    expect((await eve.api.get(`/api/messages/search/?q=run`)).body).toEqual([]);
    expect((await eve.api.get(`/api/messages/search/?q=run&chat=${chat}`)).status).toBe(404);
  });
});

test.each([["", "q"], ["q=", "q"], ["q=%20", "q"], ["q=%00", "q"], [`q=${"x".repeat(201)}`, "q"], [
  "q=x&chat=y",
  "chat",
]])(
  "GET /api/messages/search/?%s → 400 naming %s",
  async (query, field) => {
    const { status, body } = await ann.api.get(`/api/messages/search/?${query}`);
    expect([status, Object.keys(body)]).toEqual([400, [field]]);
  },
);
