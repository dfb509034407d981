import { describe, expect, test } from "vitest";
import { newConversation, newWriter, say, type Writer } from "./writer.ts";

const PATH = "/api/chat/conversations/";
const titles = async ({ api }: Writer, query = "") =>
  (await api.get(`${PATH}${query}`)).body.map(({ title }: { title: string }) => title);

describe("GET /api/chat/conversations/", () => {
  test("→ 200 with an empty list at first", async () => {
    expect(await titles(await newWriter("ann"))).toEqual([]);
  });

  test("→ 200, the newest first whatever is added to older ones, archived ones on request", async () => {
    const ann = await newWriter("ann");
    const ids = [];
    for (const title of ["one", "two", "three"]) ids.push(await newConversation(ann, title));
    await say(ann, ids[0]!, "Hello");
    await ann.api.patch(`${PATH}${ids[1]}/`, { archived: true });
    expect(await titles(ann)).toEqual(["three", "two", "one"]);
    expect(await titles(ann, "?archived=true")).toEqual(["two"]);
    expect(await titles(ann, "?archived=false")).toEqual(["three", "one"]);
  });

  test("pages to the end by the Link headers, with a filter, too", async () => {
    const ann = await newWriter("ann");
    for (let number = 1; number <= 7; number++) await newConversation(ann, `${number}`);
    const pages = await ann.api.pages(`${PATH}?limit=3&archived=false`);
    expect(pages.map((page) => page.map(({ title }) => title))).toEqual([["7", "6", "5"], ["4", "3", "2"], ["1"]]);
  });

  test("?search= → 200 by title, in pages", async () => {
    const ann = await newWriter("ann");
    for (const title of ["Alps", "tea", "the ALPS again", "100%", "alps, too"]) await newConversation(ann, title);
    await newConversation(await newWriter("eve"), "Alps of another");
    expect(await titles(ann, "?search=%20alps")).toEqual(["alps, too", "the ALPS again", "Alps"]);
    expect(await titles(ann, "?search=%25")).toEqual(["100%"]);
    expect(await titles(ann, "?search=&limit=2")).toEqual(["alps, too", "100%"]);
    const pages = await ann.api.pages(`${PATH}?limit=2&search=alps&archived=false`);
    expect(pages.map((page) => page.map(({ title }) => title))).toEqual([["alps, too", "the ALPS again"], ["Alps"]]);
  });

  test.each([
    ["archived=maybe", "archived"],
    ["archived=", "archived"],
    ["limit=0", "limit"],
    ["limit=x", "limit"],
    ["before=5", "before"],
    [`search=${"a".repeat(201)}`, "search"],
    ["search=%00", "search"],
  ])("?%s → 400 naming %s", async (query, field) => {
    const { status, body } = await (await newWriter("ann")).api.get(`${PATH}?${query}`);
    expect([status, Object.keys(body)]).toEqual([400, [field]]);
  });
});

describe("a title", () => {
  const read = async ({ api }: Writer, id: string) => (await api.get(`${PATH}${id}/`)).body.title;

  test("comes from the first message of the user, and stays", async () => {
    const ann = await newWriter("ann");
    const id = await newConversation(ann);
    await ann.api.post(`${PATH}${id}/messages/`, { role: "system", content: "Be kind." });
    expect(await read(ann, id)).toBe("New Chat");
    await say(ann, id, "What is tea?", "And coffee?");
    expect(await read(ann, id)).toBe("What is tea?");
  });

  test("set by the owner is never overwritten, even after archiving", async () => {
    const ann = await newWriter("ann");
    const given = await newConversation(ann, "Mine");
    const renamed = await newConversation(ann);
    await ann.api.patch(`${PATH}${renamed}/`, { title: "New Chat" });
    const archived = await newConversation(ann);
    await ann.api.patch(`${PATH}${archived}/`, { archived: true });
    for (const id of [given, renamed, archived]) await say(ann, id, "What is tea?");
    expect(await Promise.all([given, renamed, archived].map((id) => read(ann, id)))).toEqual([
      "Mine",
      "New Chat",
      "What is tea?",
    ]);
  });

  test("may have 255 characters, in any language", async () => {
    const { api } = await newWriter("ann");
    for (const [title, status] of [["ж".repeat(255), 201], ["💥".repeat(255), 201], ["ж".repeat(256), 400]]) {
      const answer = await api.post(PATH, { title });
      expect([answer.status, answer.body.title]).toEqual([status, status === 201 ? title : [expect.any(String)]]);
    }
  });

  test("may be null on POST", async () => {
    const { status, body } = await (await newWriter("ann")).api.post(PATH, { title: null });
    expect([status, body.title]).toEqual([201, "New Chat"]);
  });
});

test("PATCH → 200 with the conversation when nothing changes", async () => {
  const { api } = await newWriter("ann");
  const { body } = await api.post(PATH, { title: "Mine" });
  const { status, body: same } = await api.patch(`${PATH}${body.id}/`, { owner_id: crypto.randomUUID(), id: 5 });
  expect([status, same]).toEqual([200, body]);
});

test("PUT → 200, as PATCH", async () => {
  const { api } = await newWriter("ann");
  const { body } = await api.post(PATH, { title: "Mine" });
  const { status, body: changed } = await api.put(`${PATH}${body.id}/`, { ...body, title: "Ours" });
  expect([status, changed]).toMatchObject([200, { id: body.id, title: "Ours", archived: false }]);
  expect((await api.put(`${PATH}${body.id}/`, { archived: true })).body).toMatchObject({
    title: "Ours",
    archived: true,
  });
});

test("a change or a message moves updated_at, never created_at", async () => {
  const ann = await newWriter("ann");
  const { body: made } = await ann.api.post(PATH, {});
  const { body: changed } = await ann.api.patch(`${PATH}${made.id}/`, { archived: true });
  await say(ann, made.id, "Hello");
  const { body: said } = await ann.api.get(`${PATH}${made.id}/`);
  expect(made.updated_at < changed.updated_at && changed.updated_at < said.updated_at).toBe(true);
  expect([changed.created_at, said.created_at]).toEqual([made.created_at, made.created_at]);
});

test("deleting a conversation deletes its messages", async () => {
  const ann = await newWriter("ann");
  const id = await newConversation(ann);
  const [message] = await say(ann, id, "Hello");
  await ann.api.delete(`${PATH}${id}/`);
  expect((await ann.api.get(`/api/chat/messages/${message.id}/`)).status).toBe(404);
  expect((await ann.api.get("/api/chat/messages/")).body).toEqual([]);
  expect((await ann.api.delete(`${PATH}${id}/`)).status).toBe(404);
});

test("a message sent while its conversation is deleted is stored before, or → 404", async () => {
  const { api } = await newWriter("ann");
  for (let round = 0; round < 30; round++) {
    const path = `${PATH}${(await api.post(PATH, {})).body.id}/`;
    const message = { role: "user", content: "Hello" };
    const [added, , again] = await Promise.all([
      api.post(`${path}messages/`, message),
      api.delete(path),
      api.post(`${path}messages/`, message),
    ]);
    for (const { status, body } of [added, again]) {
      if (status !== 201) expect([status, body.code]).toEqual([404, "conversation_not_found"]);
    }
  }
});

test.each([
  ["POST", "", { title: "" }, "title"],
  ["POST", "", { title: " \n\t" }, "title"],
  ["POST", "", { title: 5 }, "title"],
  ["POST", "", { title: "a\0" }, "title"],
  ["PATCH", "id", { title: "" }, "title"],
  ["PATCH", "id", { title: null }, "title"],
  ["PATCH", "id", { archived: "yes" }, "archived"],
  ["PATCH", "id", { archived: null }, "archived"],
])("%s %s with %j → 400", async (method, where, body, field) => {
  const ann = await newWriter("ann");
  const path = where === "id" ? `${PATH}${await newConversation(ann)}/` : PATH;
  const answer = await ann.api.call(method, path, body);
  expect([answer.status, answer.body]).toEqual([400, { [field]: [expect.any(String)] }]);
});
