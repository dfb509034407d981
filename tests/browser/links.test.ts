import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, newGroup, pageUrl, roomPath, send, texts, visit } from "./page.ts";

/** A text, and the links in it. */
const LINKS: [text: string, ...links: string[]][] = [
  ["https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"],
  ["(see https://en.wikipedia.org/wiki/Foo_(bar))", "https://en.wikipedia.org/wiki/Foo_(bar)"],
  ["(https://a.example/x).", "https://a.example/x"],
  ["«https://a.example/я», «https://b.example/ю»", "https://a.example/%D1%8F", "https://b.example/%D1%8E"],
  ["https://пример.рф/путь…", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"],
  ["https://user:secret@a.example/?q=a,b;c&d=(e)!", "https://user:secret@a.example/?q=a,b;c&d=(e)"],
  ["www.example.com, readme.md and ann@example.com", "http://www.example.com/", "mailto:ann@example.com"],
  ["javascript:alert(1) ftp://a.example/ //a.example data:text/html,x"],
];

inBrowser("links", () => {
  test("a link ends where the address ends, and only addresses become links", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, ...LINKS.map(([text]) => text));
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, ...LINKS.map(([text]) => text));
    const found = await page.locator(".message .text").evaluateAll((messages) =>
      messages.map((message) => [...message.querySelectorAll("a")].map(({ href }) => href))
    );
    expect(found).toEqual(LINKS.map(([, ...links]) => links));
    await context.close();
  });

  test("a link to a message jumps there on each click, in the same tab", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, ...Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
    await send(ann, room, `here: ${pageUrl}${roomPath(room)}/3`);
    const { page, context } = await visit(bob, { path: roomPath(room) });
    const link = page.locator(".message .text a").last();
    for (let times = 0; times < 2; times++) {
      await link.scrollIntoViewIfNeeded();
      await link.click();
      await expect.poll(() => page.locator('[data-seq="3"]').evaluate((element) => element.dataset.shown)).toBe("");
      await expect.poll(() => page.locator('[data-seq="3"]').isVisible()).toBe(true);
      await page.locator(".scroller").evaluate((scroller) => scroller.scrollTop = scroller.scrollHeight);
      await expect.poll(() => page.locator('[data-seq="3"]').evaluate((element) => element.dataset.shown))
        .toBeUndefined();
    }
    expect(context.pages()).toHaveLength(1);
    await context.close();
  });

  test("a link to a public group shows it to a user who has not joined, and after joining the message", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Open house");
    await ann.supabase.rpc("update_room", { room_id: room, is_public: true }).throwOnError();
    await send(ann, room, "one", "two");
    const { page, context } = await visit(bob, { path: `${roomPath(room)}/1` });
    await page.getByRole("heading", { name: "Open house" }).waitFor();
    expect(await texts(page)).toEqual([]);
    await page.getByRole("button", { name: "Join" }).click();
    await expectTexts(page, "one", "two");
    await context.close();
  });

  test("a link to a private group shows a stranger nothing of it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Closed house");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await page.getByRole("heading", { name: "This chat is not available" }).waitFor();
    expect(await page.locator("main").textContent()).not.toContain("Closed house");
    await context.close();
  });
});
