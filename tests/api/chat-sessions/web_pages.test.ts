import { beforeAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { type Browser, newSession, newVisitor } from "./browser.ts";

const HOSTILE = `</title><img src=x onerror=alert(1)>"'&`;
const ESCAPED = "&lt;/title&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;";

let ann: Browser;
beforeAll(async () => void (ann = await newVisitor("ann")));

describe("user content is escaped", () => {
  test("in titles, messages, lists and redisplayed input", async () => {
    const id = await newSession(ann, HOSTILE);
    await ann.json("POST", `/chat/session/${id}/send/`, { message: HOSTILE });
    const pages = [
      await ann.get(`/chat/${id}/`),
      await ann.get("/"),
      await ann.form(`/chat/session/${id}/rename/`, { title: HOSTILE.repeat(20) }),
      await ann.form(`/chat/session/${id}/send/`, { message: HOSTILE.repeat(3000) }),
    ];
    for (const { text } of pages) {
      expect(text).toContain(ESCAPED);
      expect(text).not.toContain("<img");
    }
  });
});

describe("lists", () => {
  test("show twenty sessions per page", async () => {
    const bob = await newVisitor("bob");
    for (let number = 1; number <= 21; number++) await newSession(bob, `Chat ${number}.`);
    const first = (await bob.get("/")).text;
    expect([first.includes("Chat 21."), first.includes("Chat 1.<"), first.includes("?page=2")]).toEqual([
      true,
      false,
      true,
    ]);
    const second = (await bob.get("/?page=2")).text;
    expect([second.includes("Chat 1.<"), second.includes("?page=1"), second.includes("?page=3")]).toEqual([
      true,
      true,
      false,
    ]);
    for (const page of ["0", "3", "x"]) expect((await bob.get(`/?page=${page}`)).status).toBe(404);
  });

  test("of a long session show its newest hundred chats, and the others in pages", async () => {
    const id = await newSession(ann);
    const sql = database();
    await sql`insert into chat.conversation_messages (conversation_id, role, content)
      select ${id}, 'user', 'Message ' || n || '.' from generate_series(1, 101) as n`;
    await sql.end();
    const newest = (await ann.get(`/chat/${id}/`)).text;
    expect([newest.includes(`text">Message 1.<`), newest.includes(`text">Message 2.<`), newest.includes("?page=1")])
      .toEqual([false, true, true]);
    expect(newest).toContain("There is no reply yet.");
    const last = (await ann.get(`/chat/${id}/?page=6`)).text;
    expect([last.includes("Message 101."), last.includes("Message 100."), last.includes("<textarea")])
      .toEqual([true, false, false]);
    expect((await ann.get(`/chat/${id}/?page=7`)).status).toBe(404);
  });
});
