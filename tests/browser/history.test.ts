import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, failing, newDirectRoom, pageUrl, roomPath, send, texts, visit } from "./page.ts";

/** Many messages at once, of several lengths. */
async function fill(room: number, { id }: User, count: number): Promise<void> {
  const sql = database();
  await sql`
    insert into chat.messages (room_id, sender_id, content)
    select ${room}, ${id}, 'Message ' || number || repeat(' and more', number % 40)
    from generate_series(1, ${count}) as number`;
  await sql.end();
}

const scroller = (page: Page) => page.locator(".scroller");

/** The place of a message on the screen. */
const topOf = (page: Page, text: string) =>
  page.locator(".message", { hasText: text }).locator(".bubble").evaluate((bubble) =>
    bubble.getBoundingClientRect().top
  );

/** Scrolls up to the first message; returns how much further than that a message in view has moved. */
async function scrollUp(scroller: Element): Promise<number[]> {
  const step = 400;
  const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const moves: number[] = [];
  for (let tries = 0; tries < 500 && !document.querySelector(".first"); tries++) {
    if (scroller.scrollTop > step) {
      const top = scroller.getBoundingClientRect().top;
      const bubbles = [...scroller.querySelectorAll(".bubble")];
      const seen = bubbles.find((bubble) => bubble.getBoundingClientRect().top > top)!;
      const before = seen.getBoundingClientRect().top;
      scroller.scrollBy(0, -step);
      await frames();
      moves.push(Math.abs(seen.getBoundingClientRect().top - before - step));
    } else await frames();
  }
  return moves;
}

/** Scrolls down until a message is in view; returns how much further than that a message in view has moved. */
async function scrollDown(scroller: Element, seq: number): Promise<number[]> {
  const step = 400;
  const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const moves: number[] = [];
  const bottom = () => scroller.getBoundingClientRect().bottom;
  const isInView = () =>
    (scroller.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect().top ?? Infinity) < bottom();
  for (let tries = 0; tries < 500 && !isInView(); tries++) {
    if (scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop > step) {
      const bubbles = [...scroller.querySelectorAll(".bubble")];
      const seen = bubbles.findLast((bubble) => bubble.getBoundingClientRect().bottom < bottom())!;
      const before = seen.getBoundingClientRect().top;
      scroller.scrollBy(0, step);
      await frames();
      moves.push(Math.abs(seen.getBoundingClientRect().top - before + step));
    } else await frames();
  }
  return moves;
}

/** Reports what comes into view as to a busy page, which gets earlier changes together with the last one. */
async function reportLate(page: Page): Promise<void> {
  await page.evaluate(() => {
    globalThis.IntersectionObserver = class extends IntersectionObserver {
      constructor(callback: IntersectionObserverCallback, options?: IntersectionObserverInit) {
        super((entries, observer) => {
          const earlier = entries.map(({ target }) => ({ target, isIntersecting: false }) as IntersectionObserverEntry);
          callback([...earlier, ...entries], observer);
        }, options);
      }
    };
  });
}

inBrowser("a long history", () => {
  test("older messages load while scrolling up, and the messages in view stay in place", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 300);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.locator(".message", { hasText: "Message 300" }).waitFor();
    await page.locator('.messages[data-placed="true"]').waitFor();
    expect(await topOf(page, "Message 300")).toBeLessThan(720);
    expect((await texts(page)).length).toBeLessThan(200);
    const moves = await scroller(page).evaluate(scrollUp);
    expect(moves.length).toBeGreaterThan(20);
    expect(Math.max(...moves)).toBeLessThan(2);
    await page.locator(".message", { hasText: /Message 1 and more(?! and)/ }).waitFor();
    expect((await texts(page)).length).toBeLessThan(200);
    await context.close();
  });

  test("older messages that could not be loaded are loaded by a click", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 120);
    const { page, context } = await visit(ann);
    await reportLate(page);
    const pages = await failing(page, /\/messages\?.*seq=lt\.(?!121\b)/, Infinity);
    await page.goto(`${pageUrl}${roomPath(room)}`);
    await page.locator(".message", { hasText: "Message 120" }).waitFor();
    await scroller(page).evaluate((scroller) => scroller.scrollTo(0, 0));
    const again = page.locator(".older").getByRole("button", { name: "Try again" });
    await again.waitFor();
    expect(pages.failed).toBe(3);
    pages.left = 0;
    await again.click();
    await again.waitFor({ state: "detached" });
    await scroller(page).evaluate(scrollUp);
    await page.locator(".message", { hasText: /Message 1 and more(?! and)/ }).waitFor();
    await context.close();
  });

  test("of a long history only messages near the view are in the document", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 800);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    await page.locator(".message", { hasText: "Message 800" }).waitFor();
    await page.locator('.messages[data-placed="true"]').waitFor();
    const most = await scroller(page).evaluate(async (scroller) => {
      const frame = () => new Promise(requestAnimationFrame);
      let most = 0;
      for (let tries = 0; tries < 1_000 && !document.querySelector(".first"); tries++) {
        scroller.scrollBy(0, -1_200);
        for (let count = 0; count < 3; count++) await frame();
        most = Math.max(most, document.querySelectorAll(".message").length);
      }
      return most;
    });
    await page.locator(".first").waitFor();
    expect(most).toBeLessThan(300);
    await expect.poll(async () => (await texts(page)).length).toBeLessThan(200);

    // Back down everything has the height that it had.
    const moves = await scroller(page).evaluate(scrollDown, 200);
    expect(Math.max(...moves)).toBeLessThan(2);
    // Keys, links and searches reach what is not there.
    await page.locator('[data-seq="200"]').focus();
    await page.keyboard.press("Home");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-posinset"))).toBe("1");
    await page.goto(`${pageUrl}${roomPath(room)}/500`);
    const found = page.locator('[data-seq="500"][data-shown]');
    await found.waitFor();
    const { y } = (await found.boundingBox())!;
    expect(y).toBeGreaterThan(50);
    expect(y).toBeLessThan(600);
    await expect.poll(async () => (await texts(page)).length).toBeLessThan(200);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a chat opens at the first unread message, and its last message is one click away", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 120);
    await bob.supabase.rpc("mark_read", { room_id: room, seq: 40 }).throwOnError();
    const { page, context } = await visit(bob, { path: roomPath(room) });
    const line = page.getByRole("listitem").filter({ hasText: /^New messages$/ });
    await line.waitFor();
    await page.locator('.messages[data-placed="true"]').waitFor();
    const { y } = (await line.boundingBox())!;
    expect(y).toBeGreaterThan(100);
    expect(y).toBeLessThan(500);
    expect(await line.evaluate((line) => line.nextElementSibling!.getAttribute("data-seq"))).toBe("41");
    await page.getByRole("button", { name: /new messages/ }).click();
    await expect.poll(() => topOf(page, "Message 120")).toBeLessThan(720);
    await page.getByRole("button", { name: /new message/ }).waitFor({ state: "detached" });
    await expect.poll(async () => {
      const { data } = await bob.supabase.rpc("room_list", { only_room_id: room });
      return data![0]!.unread_count;
    }).toBe(0);
    await context.close();
  });

  test("messages that a larger window brings into view are read", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, ...Array.from({ length: 40 }, (_, index) => `Message ${index + 1}`));
    const { page, context } = await visit(bob, { path: roomPath(room), viewport: { width: 1_000, height: 500 } });
    await page.locator('.messages[data-placed="true"]').waitFor();
    const unread = async () =>
      (await bob.supabase.rpc("room_list", { only_room_id: room }).throwOnError()).data[0]!.unread_count;
    await expect.poll(unread).toBeLessThan(40);
    expect(await unread()).toBeGreaterThan(25);
    await page.setViewportSize({ width: 1_000, height: 3_000 });
    await expect.poll(unread).toBe(0);
    await page.getByRole("button", { name: /new message/ }).waitFor({ state: "detached" });
    await context.close();
  });

  test("a chat with thousands of unread messages opens at the first one, and loads more in both directions", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 5_000);
    await bob.supabase.rpc("mark_read", { room_id: room, seq: 1_000 }).throwOnError();
    const { page, context } = await visit(bob);
    const asked: string[] = [];
    page.on("request", (request) => {
      const path = new URL(request.url()).pathname.replace("/rest/v1/", "");
      if (/^(rooms|room_members|pins|messages|rpc\/(system_messages|messages_around))$/.test(path)) asked.push(path);
    });
    await page.getByRole("link", { name: ann.username }).click();
    await page.locator('.messages[data-placed="true"] .message[data-seq="1001"]').waitFor();
    // What the room shows, and the page around the first unread message, at once. The inbox has read the room.
    expect(asked).toEqual(["rooms", "messages"]);
    const line = page.getByRole("listitem").filter({ hasText: /^New messages$/ });
    expect(await line.evaluate((line) => line.nextElementSibling!.getAttribute("data-seq"))).toBe("1001");
    expect((await line.boundingBox())!.y).toBeLessThan(500);
    expect((await texts(page)).length).toBeLessThan(200);

    const moves = await scroller(page).evaluate(scrollDown, 1_080);
    expect(Math.max(...moves)).toBeLessThan(2);
    await expect.poll(async () => {
      const { data } = await bob.supabase.rpc("room_list", { only_room_id: room });
      return data![0]!.last_read_seq;
    }).toBeGreaterThan(1_050);
    expect((await texts(page)).length).toBeLessThan(400);
    await page.getByRole("button", { name: /new messages/ }).click();
    await page.locator(".message", { hasText: "Message 5000" }).waitFor();
    await page.getByRole("button", { name: /new message/ }).waitFor({ state: "detached" });
    await expect.poll(() => page.title()).toBe("Parley");
    await context.close();
  });

  test("messages that arrive while the page is hidden stay unread, with the first of them in view", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "Seen");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, "Seen");
    await expect.poll(() => page.title()).toBe("Parley");
    await page.evaluate(() => document.hasFocus = () => false);
    await send(ann, room, ...Array.from({ length: 30 }, (_, index) => `Unseen ${index}`));
    await expect.poll(() => page.title()).toBe("(30) Parley");
    const line = page.getByRole("listitem").filter({ hasText: /^New messages$/ });
    expect((await line.boundingBox())!.y).toBeGreaterThan(50);
    await page.evaluate(() => {
      document.hasFocus = () => true;
      dispatchEvent(new Event("focus"));
    });
    await expect.poll(() => page.title()).not.toBe("(30) Parley");
    await page.getByRole("button", { name: /new message/ }).click();
    await expect.poll(() => page.title()).toBe("Parley");
    await context.close();
  });

  test("a message found far back is shown, and new ones do not move it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await fill(room, ann, 200);
    const { page, context } = await visit(ann);
    await page.getByRole("searchbox", { name: "Search people and messages" }).fill("Message 20 ");
    await page.getByRole("link", { name: "Message 20 and" }).click();
    await page.locator("[data-shown]", { hasText: "Message 20 and" }).waitFor();
    const top = await topOf(page, "Message 20 and");
    await bob.supabase.rpc("send_message", { room_id: room, content: "News" }).throwOnError();
    await page.getByRole("button", { name: "1 new message", exact: true }).waitFor();
    expect(await topOf(page, "Message 20 and")).toBeCloseTo(top, 0);
    await context.close();
  });

  test("a text is never HTML, and only web addresses become links", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const text = '<img src=x onerror="alert(1)"> javascript:alert(1) (see https://example.com/a?b=1&c="2).';
    await ann.supabase.rpc("send_message", { room_id: room, content: text }).throwOnError();
    const { page, context, complaints } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, text);
    const links = page.locator(".message .text a");
    expect(await links.evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual([
      "https://example.com/a?b=1&c=",
    ]);
    expect(await links.getAttribute("rel")).toContain("noopener");
    expect(complaints).toEqual([]);
    await context.close();
  });
});
