import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, send, visit, writeLine } from "./page.ts";

inBrowser("a phone", () => {
  test("shows one column, goes back, and nothing is wider than the screen", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser(`b${"o".repeat(60)}b`)]);
    const room = await newGroup(bob, "W".repeat(150), ann);
    await send(bob, room, "w".repeat(500), `https://example.com/${"long/".repeat(60)}`);
    const { page, context, complaints } = await visit(ann, { phone: true });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    const inbox = page.getByRole("region", { name: "Chats" });
    const link = inbox.getByRole("link");
    await link.waitFor();
    expect(await fits()).toBe(true);
    expect(await page.getByRole("main").getByRole("region", { name: "Chats" }).isVisible()).toBe(true);
    await expectAccessible(page);

    await link.tap();
    await page.getByRole("main").getByRole("heading").waitFor();
    await page.locator(".message").nth(1).waitFor();
    expect(await inbox.isVisible()).toBe(false);
    const isFocused = (place: Locator) => place.evaluate((element) => element === document.activeElement);
    await expect.poll(() => isFocused(page.getByRole("main"))).toBe(true);
    expect(await fits()).toBe(true);
    await writeLine(page).fill("From my phone");
    await page.getByRole("button", { name: "Send" }).tap();
    await expect.poll(() => page.locator(".message").count()).toBe(3);
    const { y, height } = (await page.getByRole("button", { name: "Send" }).boundingBox())!;
    expect(y + height).toBeLessThanOrEqual(844);
    expect((await page.locator(".message").last().boundingBox())!.y).toBeLessThan(y);

    await page.getByRole("button", { name: "Members" }).tap();
    await page.getByRole("complementary", { name: "Members" }).getByText("owner").waitFor();
    expect(await fits()).toBe(true);
    await page.getByRole("complementary").getByRole("button", { name: "Close" }).tap();
    await page.locator(".message").last().getByRole("button", { name: "Message actions" }).tap();
    const menu = (await page.getByRole("menu").boundingBox())!;
    expect(menu.x).toBeGreaterThanOrEqual(0);
    expect(menu.x + menu.width).toBeLessThanOrEqual(390);
    expect(menu.y + menu.height).toBeLessThanOrEqual(844);
    await page.keyboard.press("Escape");

    await page.getByRole("main").getByRole("link", { name: "Back" }).tap();
    await link.waitFor();
    await expect.poll(() => isFocused(link)).toBe(true);
    await page.getByRole("link", { name: "Assistant" }).tap();
    await page.getByRole("link", { name: "New conversation" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "New conversation" }).tap();
    await page.getByLabel("Ask the assistant").fill("w".repeat(200));
    await page.getByRole("button", { name: "Send" }).tap();
    await page.locator('.reply[data-state="sent"]').waitFor();
    expect(await fits()).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
