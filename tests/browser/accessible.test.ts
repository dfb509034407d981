import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser, newContext, openPage } from "./browser.ts";
import { choose, newGroup, pageUrl, send, visit, write } from "./page.ts";

inBrowser("axe finds nothing", () => {
  test.each(["light", "dark"] as const)("axe reports nothing on any page, in %s", async (colorScheme) => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(bob, "Tea", ann);
    await send(bob, room, "Which tea?", "See https://example.com");

    const outside = await newContext({ colorScheme });
    const { page: entrance } = await openPage(outside);
    await entrance.goto(pageUrl);
    await entrance.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await expectAccessible(entrance);
    await entrance.getByLabel("Email").fill("nobody@example.com");
    await entrance.getByLabel("Password").fill("wrong password");
    await entrance.getByRole("button", { name: "Sign in", exact: true }).click();
    await entrance.getByText("Wrong email, username or password.").waitFor();
    await expectAccessible(entrance);
    await outside.close();

    const { page, context } = await visit(ann, { colorScheme });
    await page.getByRole("link", { name: "Tea" }).getByText("2 unread messages").waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Tea" }).click();
    await page.locator(".message").nth(1).waitFor();
    await choose(page, "Which tea?", "Pin");
    await choose(page, "Which tea?", "Reply");
    await write(page, "Green, of course");
    await page.locator('.mine[data-state="sent"]').waitFor();
    await choose(page, "Which tea?", "Reply");
    await page.getByRole("button", { name: "Members" }).click();
    await expectAccessible(page);
    await page.locator(".message").last().hover();
    await page.locator(".message").last().getByRole("button", { name: "Message actions" }).click();
    await page.getByRole("menu").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    await page.getByRole("link", { name: "Assistant" }).click();
    await page.getByRole("link", { name: "New conversation" }).click();
    await page.getByLabel("Ask the assistant").fill("What is tea?");
    await page.getByLabel("Ask the assistant").press("Enter");
    await page.locator('.reply[data-state="sent"]').waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("light dark");
    await context.close();
  });
});
