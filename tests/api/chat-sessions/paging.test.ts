import { beforeAll, describe, expect, test } from "vitest";
import { actingAs } from "../../support/acting.ts";
import { database } from "../../support/clients.ts";
import { baseOf } from "../caller.ts";
import { type Asker, newAsker, newSession, SESSIONS } from "./asker.ts";

const COUNT = 1100;
let ann: Asker, session: string;

/** Fills a session with questions and their answers, as their owner. */
async function fill(text: string): Promise<void> {
  const { sub } = JSON.parse(Buffer.from(ann.access.split(".")[1]!, "base64url").toString());
  const id = session.slice(SESSIONS.length, -1);
  const sql = database();
  for (let first = 1; first <= COUNT; first += 100) {
    await actingAs(sql, sub, (sql) =>
      sql`
        select chat.add_conversation_message(${id}, 'assistant', 'Answer ' || number, '{}', question.id)
        from generate_series(${first}::integer, ${first + 99}::integer) as number
        cross join lateral chat.add_conversation_message(${id}, 'user', number || ${text}) as question`);
  }
  await sql.end();
}

beforeAll(async () => {
  ann = await newAsker("ann");
  for (let number = 1; number <= 45; number++) session = await newSession(ann, `Session ${number}`);
  await fill("");
});

/** Follows `next` from a path to the last page. */
async function pages(path: string) {
  const found = [];
  for (let next: string | null = path; next;) {
    const { status, body } = await ann.api.get(next);
    expect(status).toBe(200);
    found.push(body);
    next = body.next?.slice(baseOf("chat-sessions").length) ?? null;
  }
  return found;
}

describe("45 sessions", () => {
  test("come in three pages, the newest first, each session once", async () => {
    const found = await pages(SESSIONS);
    expect(found.map(({ count, results }) => [count, results.length])).toEqual([[45, 20], [45, 20], [45, 5]]);
    const titles = found.flatMap(({ results }) => results.map(({ title }: { title: string }) => title));
    expect(titles).toEqual(Array.from({ length: 45 }, (_, index) => `Session ${45 - index}`));
  });

  test("pages link to each other", async () => {
    const address = (page: number) => `${baseOf("chat-sessions")}${SESSIONS}?page=${page}`;
    const { body } = await ann.api.get(`${SESSIONS}?page=2`);
    expect([body.previous, body.next]).toEqual([address(1), address(3)]);
  });
});

describe(`a session of ${COUNT} chats`, () => {
  test("lists its chats oldest first, in pages", async () => {
    const found = await pages(`${session}chats/`);
    expect(found).toHaveLength(COUNT / 20);
    const messages = found.flatMap(({ results }) => results.map(({ message }: { message: string }) => Number(message)));
    expect(messages).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  });

  test("has the newest thousand chats, and a flag that there are more, both alone and in the list", async () => {
    const { body } = await ann.api.get(session);
    const expected = Array.from({ length: 1000 }, (_, index) => `${COUNT - 999 + index}`);
    expect(body.chats.map(({ message }: { message: string }) => message)).toEqual(expected);
    expect(body).toMatchObject({ has_more_chats: true, last_message: { response: `Answer ${COUNT}` } });
    expect((await ann.api.get(SESSIONS)).body.results[0]).toEqual(body);
  });

  test("has at most one mebibyte of text", async () => {
    await fill(" ".padEnd(10_000, "x"));
    const { body } = await ann.api.get(session);
    expect(body.chats.length).toBe(Math.floor(1024 * 1024 / (10_004 + "Answer 1100".length)));
    expect(body).toMatchObject({ has_more_chats: true, last_message: { response: `Answer ${COUNT}` } });
  });
});

test.each(["4", "0", "-1", "x", "", "1.5", "99999999999999999999", "1e1"])("page %s → 404", async (page) => {
  for (const path of [SESSIONS, `${await newSession(ann)}chats/`]) {
    const { status, body } = await ann.api.get(`${path}?page=${page}`);
    expect([status, body]).toEqual([404, { detail: "Invalid page." }]);
  }
});
