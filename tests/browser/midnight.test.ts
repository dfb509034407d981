import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser, newContext, openPage } from "./browser.ts";
import { expectTexts, newDirectRoom, pageUrl, roomPath, send } from "./page.ts";

inBrowser("days", () => {
  test("today's messages become yesterday's at midnight on a page that stays open", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "good night");
    const context = await newContext({ locale: "en-GB" });
    const { page } = await openPage(context);
    await page.addInitScript(shiftedDate);
    await page.goto(pageUrl + roomPath(room));
    await page.locator("input[name=email]").fill(bob.email);
    await page.locator("input[name=password]").fill(bob.password);
    await page.keyboard.press("Enter");
    await expectTexts(page, "good night");
    const day = page.locator(".day");
    await expect.poll(() => day.textContent()).toBe("Today");
    await wakeUpAfter(page, 24);
    await expect.poll(() => day.textContent()).toBe("Yesterday");
    await wakeUpAfter(page, 366 * 24);
    await expect.poll(() => page.locator(".item-time").first().textContent()).toMatch(/ \d{4}$/);
    await context.close();
  });
});

/** Runs in the page: its clock can be moved. */
function shiftedDate(): void {
  const shown = globalThis as typeof globalThis & { shiftMs: number };
  shown.shiftMs = 0;
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts: unknown[]) {
      super(...(parts.length > 0 ? parts : [RealDate.now() + shown.shiftMs]) as []);
    }
    static override now = () => RealDate.now() + shown.shiftMs;
  } as DateConstructor;
}

/** The device sleeps for that many hours. */
async function wakeUpAfter(page: Page, hours: number): Promise<void> {
  await page.evaluate((ms) => {
    (globalThis as typeof globalThis & { shiftMs: number }).shiftMs = ms;
    dispatchEvent(new Event("focus"));
  }, hours * 3_600_000);
}
