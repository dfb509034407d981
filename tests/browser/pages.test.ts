import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { functionsUrl, inBrowser, openPage, within } from "./browser.ts";
import { message, PASSWORD, register, replies, say, settled } from "./chat.ts";

const base = `${functionsUrl}/chat-sessions`;

/** Detects a reload: the page's mark is lost then. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => "marked" in globalThis);

inBrowser("the pages of chat-sessions", () => {
  test("a user registers, chats, renames, deletes, logs out and in again, without a reload for any message", () =>
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
      await page.getByLabel("Password").fill(PASSWORD);
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
});
