import { beforeAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newGroup, newPerson, type Person } from "../people.ts";

const COUNT = 1200;
let ann: Person, chat: number, ids: number[];

beforeAll(async () => {
  ann = await newPerson("ann");
  chat = await newGroup(ann);
  const claims = Buffer.from(ann.access.split(".")[1]!, "base64url").toString();
  const sql = database();
  const rows = await sql.begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${claims}, true)`;
    return await sql`
      select (chat.send_message(${chat}, 'Message ' || number)).id from generate_series(1, ${COUNT}) as number`;
  });
  ids = rows.map(({ id }) => Number(id));
  await sql.end();
});

const idsOf = (messages: { id: number }[]) => messages.map(({ id }) => id);

describe("GET /api/messages/?chat={id} of more than 1,000 messages", () => {
  test("without a cursor → the newest page, oldest first", async () => {
    const { body } = await ann.api.get(`/api/messages/?chat=${chat}`);
    expect(idsOf(body)).toEqual(ids.slice(-1000));
  });

  test("reads back to the beginning by the Link headers", async () => {
    const pages = await ann.api.pages(`/api/messages/?chat=${chat}&limit=500`);
    expect(pages.map((page) => page.length)).toEqual([500, 500, 200]);
    expect(pages.reverse().flatMap(idsOf)).toEqual(ids);
  });

  test("reads forward from the beginning", async () => {
    const pages = await ann.api.pages(`/api/messages/?chat=${chat}&limit=700&after=${ids[0]}`);
    expect(pages.flatMap(idsOf)).toEqual(ids.slice(1));
  });

  test("→ at most 1,000 messages", async () => {
    const { body } = await ann.api.get(`/api/messages/?chat=${chat}&limit=100000`);
    expect(body).toHaveLength(1000);
  });

  test("pages just before and just after a message", async () => {
    const page = async (query: string) => (await ann.api.get(`/api/messages/?chat=${chat}&limit=3&${query}`)).body;
    expect(idsOf(await page(`before=${ids[600]}`))).toEqual(ids.slice(597, 600));
    expect(idsOf(await page(`after=${ids[600]}`))).toEqual(ids.slice(601, 604));
    expect(idsOf(await page(`before=${ids[0]}`))).toEqual([]);
    expect(idsOf(await page(`after=${ids.at(-1)}`))).toEqual([]);
  });

  test("pages around a message and around a time lead on in both directions", async () => {
    const around = await ann.api.get(`/api/messages/?chat=${chat}&limit=3&around=${ids[600]}`);
    expect(idsOf(around.body)).toEqual(ids.slice(599, 602));
    const links = (around.headers.get("link") ?? "").split(", ");
    expect(links.map((link) => link.match(/rel="(.*)"/)![1])).toEqual(["prev", "next"]);
    const [before, after] = await Promise.all(links.map(async (link) => {
      const { search } = new URL(link.match(/<(.*)>/)![1]!);
      return idsOf((await ann.api.get(`/api/messages/${search}`)).body);
    }));
    expect(before).toEqual(ids.slice(596, 599));
    expect(after).toEqual(ids.slice(602, 605));

    const at = async (time: string, query = "") =>
      idsOf((await ann.api.get(`/api/chats/${chat}/messages/?limit=2&at=${encodeURIComponent(time)}${query}`)).body);
    expect(await at("1999-12-31T23:00:00-11:00")).toEqual(ids.slice(0, 2));
    expect(await at("2999-01-01T00:00:00Z")).toEqual(ids.slice(-2));
    // The time of a message leads to that message, although many were sent in its millisecond.
    expect(await at(around.body[1].created_at)).toEqual(ids.slice(599, 601));
  });

  test("numbers the messages without gaps", async () => {
    const pages = await ann.api.pages(`/api/messages/?chat=${chat}&limit=1000`);
    const seqs = pages.reverse().flat().map((message) => message.seq);
    expect(seqs).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  });
});

test.each([
  ["", "chat"],
  ["chat=", "chat"],
  ["chat=abc", "chat"],
  ["chat=1;drop table chat.messages", "chat"],
  ["chat=99999999999999999999", "chat"],
  ["chat=1&limit=0", "limit"],
  ["chat=1&limit=-1", "limit"],
  ["chat=1&limit=many", "limit"],
  ["chat=1&before=x", "before"],
  ["chat=1&around=x", "around"],
  ["chat=1&at=yesterday", "at"],
  ["chat=1&at=2026-03-13T10:00:00", "at"],
  ["chat=1&at=2026-13-01T00:00:00Z", "at"],
  ["chat=1&at=0000-01-01T00:00:00Z", "at"],
  ["chat=1&at=0001-01-01T00:00:00%2B23:00", "at"],
  ["chat=1&at=9999-12-31T23:59:59-23:00", "at"],
  ["chat=1&after=1e99", "after"],
  ["chat=1&chat=2", "chat"],
])("GET /api/messages/?%s → 400 naming %s", async (query, field) => {
  const { status, body } = await ann.api.get(`/api/messages/?${query}`);
  expect([status, Object.keys(body)]).toEqual([400, [field]]);
});

test("GET /api/messages/?chat={id} → 404 to a stranger, and for an unknown chat", async () => {
  const eve = await newPerson("eve");
  for (const unknown of [chat, 987654321]) {
    const { status, body } = await eve.api.get(`/api/messages/?chat=${unknown}`);
    expect([status, body]).toEqual([404, { detail: "Not found.", code: "room_not_found" }]);
  }
});
