import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser, newContext, openPage } from "./browser.ts";
import { expectTexts, newDirectRoom, pageUrl, send, texts } from "./page.ts";

/** The accessible name of what has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement;
    if (element === document.body) return "";
    return element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent ?? "";
  });

const showsFocus = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!;
    if (element === document.body) return true;
    const line = element.closest(".write-line");
    return getComputedStyle(element).outlineStyle !== "none" || (line && getComputedStyle(line).boxShadow !== "none");
  });

/** Tabs to the element of that name; the focus is visible on the way, and there. */
async function tabTo(page: Page, name: RegExp, key = "Tab"): Promise<void> {
  const passed: string[] = [];
  while (!name.test(await focused(page))) {
    passed.push(await focused(page));
    expect(passed.length, `${name} is not among ${passed}`).toBeLessThan(30);
    await page.keyboard.press(key);
    expect(await showsFocus(page), await focused(page)).toBe(true);
  }
}

inBrowser("the keyboard is enough", () => {
  test("to sign in, open a chat, write, reply, edit, search, ask the assistant and sign out", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    await send(bob, await newDirectRoom(ann, bob), "First", "Second");
    const context = await newContext({ locale: "en-GB" });
    const { page, complaints } = await openPage(context);
    const { keyboard } = page;
    await page.goto(pageUrl);
    await page.getByLabel("Email").waitFor();
    await tabTo(page, /^Email/);
    await keyboard.type(ann.email);
    await keyboard.press("Tab");
    await keyboard.type(ann.password);
    await keyboard.press("Enter");

    await page.getByRole("link", { name: bob.username }).waitFor();
    await tabTo(page, new RegExp(bob.username));
    await keyboard.press("Enter");
    await expectTexts(page, "First", "Second");
    await expect.poll(() => focused(page)).toBe("Message");
    await keyboard.type("One line");
    await keyboard.press("Shift+Enter");
    await keyboard.type("and another");
    await keyboard.press("Enter");
    await page.locator('.mine[data-state="sent"]').waitFor();
    expect(await texts(page)).toEqual(["First", "Second", "One line\nand another"]);

    await tabTo(page, /One line/, "Shift+Tab");
    await keyboard.press("ArrowUp");
    await expect.poll(() => focused(page)).toContain("Second");
    await keyboard.press("Enter");
    await expect.poll(() => focused(page)).toBe("Reply");
    await keyboard.press("Enter");
    await expect.poll(() => focused(page)).toBe("Message");
    await keyboard.type("Replied");
    await keyboard.press("Enter");
    await page.locator('[data-state="sent"]', { hasText: "Replied" }).locator(".quote", { hasText: "Second" })
      .waitFor();

    await keyboard.press("ArrowUp");
    await expect.poll(() => focused(page)).toBe("Edit message");
    await keyboard.press("End");
    await keyboard.type(" indeed");
    await keyboard.press("Enter");
    await expect.poll(async () => (await texts(page)).at(-1)).toBe("Replied indeed");

    await tabTo(page, /^Search in this chat$/, "Shift+Tab");
    await keyboard.press("Enter");
    await expect.poll(() =>
      page.getByRole("searchbox", { name: "Search in this chat" }).evaluate((field) => {
        return field === document.activeElement;
      })
    ).toBe(true);
    await keyboard.type("First");
    await page.getByRole("complementary").getByRole("button", { name: "First" }).waitFor();
    await keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("Search in this chat");

    await tabTo(page, /^Assistant$/, "Shift+Tab");
    await keyboard.press("Enter");
    await page.getByRole("link", { name: "New conversation" }).waitFor();
    await tabTo(page, /^New conversation$/);
    await keyboard.press("Enter");
    await expect.poll(() => focused(page)).toBe("Ask the assistant");
    await keyboard.type("What is tea?");
    await keyboard.press("Enter");
    await page.locator('.reply[data-state="sent"]').waitFor();

    await tabTo(page, /^Profile and settings$/, "Shift+Tab");
    await keyboard.press("Enter");
    await page.getByRole("dialog").getByLabel("Username").waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("Profile and settings");
    await keyboard.press("Enter");
    await tabTo(page, /^Sign out$/);
    await keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
