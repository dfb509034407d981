import { beforeAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newConversation, newWriter, say, type Writer } from "./writer.ts";

const COUNT = 1200;
let ann: Writer, long: string, short: string, ids: number[], all: number[];

/** Adds many messages at once, as their owner. */
async function fill(owner: Writer, conversation: string): Promise<number[]> {
  const claims = Buffer.from(owner.access.split(".")[1]!, "base64url").toString();
  const sql = database();
  const rows = await sql.begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true)`;
    return await sql`
      select (chat.add_conversation_message(${conversation}, 'user', 'Message ' || number)).id
      from generate_series(1, ${COUNT}) as number`;
  });
  await sql.end();
  return rows.map(({ id }) => Number(id));
}

const idsOf = (messages: { id: number }[]) => messages.map(({ id }) => id);

beforeAll(async () => {
  ann = await newWriter("ann");
  const bob = await newWriter("bob");
  [long, short] = [await newConversation(ann), await newConversation(ann)];
  const first = await say(ann, short, "First");
  ids = await fill(ann, long);
  await say(bob, await newConversation(bob), "Somebody else's");
  const last = await say(ann, short, "Last");
  all = [...idsOf(first), ...ids, ...idsOf(last)];
});

describe("a conversation of more than a thousand messages", () => {
  test("GET → the newest thousand, oldest first, with a Link header to the rest", async () => {
    const path = `/api/chat/conversations/${long}/`;
    const { body } = await ann.api.get(path);
    expect(idsOf(body.messages)).toEqual(ids.slice(-1000));
    const [, ...rest] = await ann.api.pages(path);
    expect(rest.map(idsOf)).toEqual([ids.slice(0, 200)]);
  });

  test("reads forward from the beginning", async () => {
    const pages = await ann.api.pages(`/api/chat/conversations/${long}/messages/?limit=700&after=0`);
    expect(pages.map((page) => page.length)).toEqual([700, 500]);
    expect(pages.flatMap(idsOf)).toEqual(ids);
  });

  test("with fewer messages has no next page", async () => {
    const { headers } = await ann.api.get(`/api/chat/conversations/${short}/`);
    expect(headers.get("Link")).toBeNull();
  });
});

describe("GET /api/chat/messages/", () => {
  const page = async (query: string) => idsOf((await ann.api.get(`/api/chat/messages/?${query}`)).body);

  test("without a cursor → the newest page, oldest first, at most a thousand", async () => {
    expect(await page("")).toEqual(all.slice(-1000));
    expect(await page("limit=100000")).toEqual(all.slice(-1000));
    expect(await page("limit=2")).toEqual(all.slice(-2));
  });

  test("reads back to the first message by the Link headers", async () => {
    const pages = await ann.api.pages("/api/chat/messages/?limit=500");
    expect(pages.map((page) => page.length)).toEqual([500, 500, 202]);
    expect(pages.reverse().flatMap(idsOf)).toEqual(all);
  });

  test("reads forward from the first message", async () => {
    const pages = await ann.api.pages(`/api/chat/messages/?limit=1000&after=${all[0]}`);
    expect(pages.flatMap(idsOf)).toEqual(all.slice(1));
  });

  test("pages just before and just after a message", async () => {
    expect(await page(`limit=3&before=${all[1]}`)).toEqual(all.slice(0, 1));
    expect(await page(`limit=3&before=${all[600]}`)).toEqual(all.slice(597, 600));
    expect(await page(`limit=3&after=${all[600]}`)).toEqual(all.slice(601, 604));
    expect(await page(`limit=3&after=${all.at(-1)}`)).toEqual([]);
  });
});

test.each(["/api/chat/messages/", "/api/chat/conversations/{id}/messages/"])(
  "GET %s → 400 to a bad page",
  async (path) => {
    for (
      const [query, field] of [["limit=0", "limit"], ["limit=many", "limit"], ["before=x", "before"], [
        "after=1e99",
        "after",
      ]]
    ) {
      const { status, body } = await ann.api.get(`${path.replace("{id}", long)}?${query}`);
      expect([query, status, Object.keys(body)]).toEqual([query, 400, [field]]);
    }
  },
);

test("pages of long messages are cut, and their Link headers lead to the rest", async () => {
  const bob = await newWriter("bob");
  const id = await newConversation(bob);
  const path = `/api/chat/conversations/${id}/`;
  const sent = [];
  for (let number = 0; number < 50; number++) sent.push(...await say(bob, id, "ж".repeat(99_000)));
  const newestFirst = [path, `${path}messages/`, "/api/chat/messages/"];
  for (const start of newestFirst) {
    const [first, ...rest] = await bob.api.pages(start);
    const page = (Array.isArray(first) ? first : (first as unknown as { messages: { id: number }[] }).messages) as [];
    expect([start, page.length]).toEqual([start, 43]);
    expect([...rest.reverse().flat(), ...page].map(({ id }) => id)).toEqual(idsOf(sent));
  }
  const forward = await bob.api.pages("/api/chat/messages/?after=0");
  expect([forward[0]!.length, forward.flatMap(idsOf)]).toEqual([43, idsOf(sent)]);
});
