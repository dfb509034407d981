import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { uniqueName } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { functionsUrl, inBrowser, openPage, within } from "./browser.ts";
import { PASSWORD, register, replies, say, settled } from "./chat.ts";

const base = `${functionsUrl}/chat-sessions`;

inBrowser("the accessible pages of chat-sessions", () => {
  test("the keyboard is enough", () =>
    within({}, async (context) => {
      const { page } = await openPage(context);
      const { keyboard } = page;
      await page.goto(`${base}/accounts/register/`);
      await keyboard.press("Tab");
      await keyboard.press("Enter");
      await keyboard.press("Tab");
      await keyboard.type(uniqueName("kim"));
      for (const text of ["", PASSWORD, PASSWORD]) {
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
    "axe reports nothing on any page, in %s",
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

  test("on a phone nothing is wider than the screen, and the message field is always in reach", () =>
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

  test("earlier messages open at their first, the newest at their last", () =>
    within({}, async (context) => {
      const { page } = await openPage(context);
      await register(page, base, "ann");
      const tall = "line\n".repeat(60);
      await say(page, `${tall}first`);
      await page.waitForURL(`${base}/chat/*/`);
      await settled(page, 1);
      await say(page, `${tall}second`);
      await settled(page, 2);
      const said = page.locator(".said");
      const top = async (article: Locator) => (await article.boundingBox())!.y;
      await page.reload();
      expect(await top(said.first())).toBeLessThan(0);
      expect(await top(said.last())).toBeGreaterThan(0);
      await page.goto(`${page.url()}?page=1`);
      expect(await top(said.first())).toBeGreaterThan(0);
      expect(await top(page.getByRole("link", { name: "Newest messages" }))).toBeGreaterThan(await top(said.last()));
    }));

  test("right-to-left text ends at the left", () =>
    within({}, async (context) => {
      const { page } = await openPage(context);
      await register(page, base, "ann");
      await say(page, "שלום!\nHello!");
      await page.waitForURL(`${base}/chat/*/`);
      await settled(page, 1);
      const lefts = await page.locator(".mine .text").evaluate(({ firstChild }) =>
        [0, 4, 6, 11].map((index) => {
          const range = document.createRange();
          range.setStart(firstChild!, index);
          range.setEnd(firstChild!, index + 1);
          return range.getBoundingClientRect().left;
        })
      );
      const [shin, mark, h, end] = lefts as [number, number, number, number];
      expect([mark < shin, h < end]).toEqual([true, true]);
    }));
});
