import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, send, type Visit, visit } from "./page.ts";

inBrowser("reactions", () => {
  let ann: User, bob: User, room: number;
  let one: Visit, other: Visit;

  beforeAll(async () => {
    [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    room = await newGroup(ann, "Tea", bob);
    await send(ann, room, "Tea at five?");
    await send(bob, room, "With cake.");
    const path = roomPath(room);
    [one, other] = await Promise.all([
      visit(ann, { path }),
      visit(bob, { path, phone: true }),
    ]);
    await Promise.all([one, other].map(({ page }) => page.getByText("With cake.").last().waitFor()));
  });

  afterAll(async () => {
    for (const { context } of [one, other]) await context.close();
  });

  const message = ({ page }: Visit, text: string) => page.locator(".message", { hasText: text });
  const chips = (visit: Visit, text: string) => message(visit, text).locator(".reaction");

  test("a press in the bar over a message adds a reaction, and a press on it takes it back", async () => {
    await message(one, "With cake.").hover();
    await message(one, "With cake.").getByRole("button", { name: "React with 👍" }).click();
    await expect.poll(() => chips(other, "With cake.").allTextContents()).toEqual(["👍1"]);
    expect(await chips(one, "With cake.").getAttribute("aria-pressed")).toBe("true");
    expect(await chips(other, "With cake.").getAttribute("aria-pressed")).toBe("false");
    await chips(other, "With cake.").click();
    await expect.poll(() => chips(one, "With cake.").allTextContents()).toEqual(["👍2"]);
    await chips(one, "With cake.").hover();
    await expect.poll(() => chips(one, "With cake.").getAttribute("title")).toMatch(/^ann.*, bob/);
    await chips(one, "With cake.").click();
    await expect.poll(() => chips(other, "With cake.").getAttribute("aria-label")).toBe("👍: 1 person");
  });

  test("the keyboard reaches the bar through the menu of a message, and all emoji by their names", async () => {
    const { page, complaints } = one;
    await page.mouse.move(0, 0);
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    await message(one, "Tea at five?").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "React", exact: true }).focus();
    await page.keyboard.press("Enter");
    const bar = page.getByRole("dialog", { name: "React" });
    await bar.waitFor();
    await expectAccessible(page);
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("❤️");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await bar.getByRole("button", { name: "grinning face", exact: true }).waitFor();
    expect(await bar.getByRole("button").count()).toBeGreaterThan(100);
    await expectAccessible(page);
    await page.keyboard.type("teacup");
    await bar.getByRole("button", { name: /^teacup/ }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => chips(other, "Tea at five?").allTextContents()).toEqual(["🍵1"]);
    expect([...hosts]).toEqual([new URL(page.url()).host]);
    expect(complaints).toEqual([]);
  });

  test("a long press of a finger opens the bar, which says who has reacted", async () => {
    const { page } = other;
    const bubble = message(other, "Tea at five?").locator(".bubble");
    const { x, y } = (await bubble.boundingBox())!;
    const touch = await page.context().newCDPSession(page);
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: x + 20, y: y + 10 }] });
    await page.waitForTimeout(600);
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    const bar = page.getByRole("dialog", { name: "React" });
    await bar.getByRole("list", { name: "Who reacted" }).getByText(/^ann/).waitFor();
    await expectAccessible(page);
    await bar.getByRole("button", { name: "React with 🎉" }).click();
    await expect.poll(() => chips(one, "Tea at five?").allTextContents()).toEqual(["🍵1", "🎉1"]);
  });
});
