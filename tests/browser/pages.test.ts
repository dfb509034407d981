import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { uniqueName } from "../api/people.ts";
import { expectAccessible } from "./axe.ts";
import { functionsUrl, inBrowser, newContext, openPage } from "./browser.ts";
import { message, password, register, replies, say, settled } from "./chat.ts";

const base = `${functionsUrl}/chat-sessions`;

/** Tells when a page is loaded anew: its mark is gone then. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => "marked" in globalThis);

async function within(options: Parameters<typeof newContext>[0], work: (context: BrowserContext) => Promise<void>) {
  const context = await newContext(options);
  try {
    await work(context);
  } finally {
    await context.close();
  }
}

inBrowser("the pages of chat-sessions", () => {
  test("one registers, talks, renames, deletes, logs out and in again, without a page loaded anew for any message", () =>
    within({}, async (context) => {
      const { page, complaints } = await openPage(context);
      const username = await register(page, base, "ann");
      await say(page, "Which tea\nis the best?");
      await page.waitForURL(`${base}/chat/*/`);
      await settled(page, 1);
      expect(await page.locator(".mine .text").innerText()).toBe("Which tea\nis the best?");
      expect(await replies(page).locator(".text").innerText()).not.toBe("");
      await page.getByRole("heading", { name: "Which tea is the best?" }).waitFor();

      await mark(page);
      await message(page).fill("And with milk?");
      await page.keyboard.press("Enter");
      await settled(page, 2);
      expect(await message(page).inputValue()).toBe("");

      await page.getByText("Rename", { exact: true }).click();
      await page.getByLabel("New title").fill("All about <b>tea</b>");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name: "All about <b>tea</b>" }).waitFor();
      expect(await isMarked(page)).toBe(true);
      expect(await page.title()).toBe("All about <b>tea</b> · Parley");

      await page.reload();
      expect(await page.locator(".mine .text").allInnerTexts()).toEqual(["Which tea\nis the best?", "And with milk?"]);
      expect(await page.getByRole("navigation").getByRole("link").allInnerTexts()).toEqual(["All about <b>tea</b>"]);

      await page.getByText("Delete", { exact: true }).click();
      await page.getByRole("button", { name: "Delete this chat" }).click();
      await page.waitForURL(`${base}/`);
      await page.getByText("No chats yet.").waitFor();

      await page.getByRole("button", { name: "Log out" }).click();
      await page.waitForURL(`${base}/accounts/login/`);
      await page.getByLabel("Username or email").fill(username);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.waitForURL(`${base}/`);
      expect(complaints).toEqual([]);
    }));

  test("everything works without scripts", () =>
    within({ javaScriptEnabled: false }, async (context) => {
      const { page } = await openPage(context);
      await register(page, base, "bob");
      await say(page, "Hello");
      await page.waitForURL(`${base}/chat/*/`);
      expect(await replies(page).count()).toBe(1);
      await say(page, "Hello again");
      await page.waitForLoadState();
      await replies(page).nth(1).waitFor();
      await page.getByText("Rename", { exact: true }).click();
      await page.getByLabel("New title").fill("Greetings");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name: "Greetings" }).waitFor();
      await page.getByText("Delete", { exact: true }).click();
      await page.getByRole("button", { name: "Delete this chat" }).click();
      await page.getByText("No chats yet.").waitFor();
      await page.getByRole("button", { name: "New chat" }).click();
      await page.getByRole("heading", { name: "New Chat" }).waitFor();
    }));

  test("the keyboard is enough", () =>
    within({}, async (context) => {
      const { page } = await openPage(context);
      const { keyboard } = page;
      await page.goto(`${base}/accounts/register/`);
      await keyboard.press("Tab");
      await keyboard.press("Enter");
      await keyboard.press("Tab");
      await keyboard.type(uniqueName("kim"));
      for (const text of ["", password, password]) {
        await keyboard.press("Tab");
        await keyboard.type(text);
      }
      await keyboard.press("Enter");
      await page.waitForURL(`${base}/`);
      await keyboard.type("Hello");
      await keyboard.press("Enter");
      await page.waitForURL(`${base}/chat/*/`);
      await settled(page, 1);
      await keyboard.type("Once more");
      await keyboard.press("Enter");
      await settled(page, 2);
      const title = page.getByLabel("New title");
      for (let steps = 0; !(await page.locator("summary:focus").count()); steps++) {
        expect(steps).toBeLessThan(20);
        await keyboard.press("Shift+Tab");
      }
      await keyboard.press("Shift+Tab");
      await keyboard.press("Enter");
      await keyboard.press("Tab");
      expect(await title.evaluate((field) => field === document.activeElement)).toBe(true);
      await keyboard.press("Control+A");
      await keyboard.type("By hand");
      await keyboard.press("Enter");
      await page.getByRole("heading", { name: "By hand" }).waitFor();
      expect(await page.locator("summary:focus").innerText()).toBe("Rename");
    }));

  test.each(["light", "dark"] as const)(
    "axe finds nothing on any page, in %s",
    (colorScheme) =>
      within({ colorScheme }, async (context) => {
        const { page } = await openPage(context);
        for (const path of ["register", "login"]) {
          await page.goto(`${base}/accounts/${path}/`);
          await expectAccessible(page);
        }
        await page.getByLabel("Username or email").fill("nobody");
        await page.getByLabel("Password").fill("wrong");
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("alert").waitFor();
        await expectAccessible(page);
        await register(page, base, "ann");
        await expectAccessible(page);
        await say(page, "Hello");
        await page.waitForURL(`${base}/chat/*/`);
        await settled(page, 1);
        await page.getByText("Rename", { exact: true }).click();
        await page.getByText("Delete", { exact: true }).click();
        await expectAccessible(page);
        await page.goto(`${base}/chat/${crypto.randomUUID()}/`);
        await expectAccessible(page);
      }),
  );

  test("on a phone nothing is wider than the screen, and the message can always be reached", () =>
    within({ phone: true }, async (context) => {
      const { page } = await openPage(context);
      await register(page, base, "w".repeat(60));
      await say(page, "w".repeat(300));
      await page.waitForURL(`${base}/chat/*/`);
      await settled(page, 1);
      for (let count = 2; count < 5; count++) {
        await say(page, `A longer message. `.repeat(20));
        await settled(page, count);
      }
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(await fits()).toBe(true);
      const { y, height } = (await page.getByRole("button", { name: "Send" }).boundingBox())!;
      expect(y + height).toBeLessThanOrEqual(844);
      expect(await replies(page).last().evaluate((last) => last.getBoundingClientRect().bottom)).toBeLessThan(y);
      await page.getByRole("link", { name: "All chats" }).click();
      await page.waitForURL(`${base}/`);
      expect(await fits()).toBe(true);
      expect(await page.getByRole("navigation").getByRole("link").count()).toBe(1);
    }));
});
