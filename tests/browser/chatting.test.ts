import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { choose, expectTexts, newDirectRoom, roomPath, texts, type Visit, visit, write, writeLine } from "./page.ts";

/** Records in the page when Enter was pressed, and when each text showed. */
function watch(): void {
  const now = () => performance.timeOrigin + performance.now();
  const [pressed, shown] = [[] as number[], new Map<string, number>()];
  addEventListener("keydown", ({ key }) => key === "Enter" && pressed.push(now()), { capture: true });
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll(".message .text")) {
      if (!shown.has(textContent)) shown.set(textContent, now());
    }
  }).observe(document.body, { childList: true, subtree: true });
  Object.assign(globalThis, { pressed, shown });
}

const noted = (page: Page) =>
  page.evaluate(() => {
    const { pressed, shown } = globalThis as unknown as { pressed: number[]; shown: Map<string, number> };
    return { pressed, shown: Object.fromEntries(shown) };
  });

const median = (numbers: number[]) => numbers.toSorted((one, other) => one - other)[numbers.length >> 1]!;

inBrowser("two browsers", () => {
  let ann: User, bob: User, room: number;
  let one: Visit, other: Visit;

  beforeAll(async () => {
    [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    room = await newDirectRoom(ann, bob);
    const path = roomPath(room);
    [one, other] = await Promise.all([visit(ann, { path }), visit(bob, { path })]);
    await Promise.all([one.page, other.page].map((page) => page.getByText("online", { exact: true }).waitFor()));
  });

  afterAll(async () => {
    for (const { context } of [one, other]) await context.close();
  });

  test("each of 40 messages shows for the other user, and the delay is measured", async () => {
    await Promise.all([one.page.evaluate(watch), other.page.evaluate(watch)]);
    const sent = Array.from({ length: 40 }, (_, index) => `Message ${index}`);
    for (const text of sent) {
      await write(one.page, text);
      await one.page.waitForTimeout(50);
    }
    await expectTexts(other.page, ...sent);
    const [{ pressed }, { shown }] = [await noted(one.page), await noted(other.page)];
    const delays = sent.map((text, index) => shown[text]! - pressed[index]!);
    console.log(
      `From browser to browser: median ${median(delays).toFixed(1)} ms, slowest ${Math.max(...delays).toFixed(1)} ms`,
    );
    expect(delays.every((delay) => delay > 0)).toBe(true);
    expect(await texts(one.page)).toEqual(sent);
  });

  test("typing and reading show for the other user", async () => {
    await writeLine(other.page).pressSequentially("Hm");
    await one.page.getByText(`${bob.username} is typing …`).waitFor();
    await writeLine(other.page).fill("");
    await one.page.getByText(`${bob.username} is typing …`).waitFor({ state: "detached" });
    await write(one.page, "Have you read this?");
    await one.page.locator(".message", { hasText: "Have you read this?" }).getByText("Read", { exact: true }).waitFor();
  });

  test("a user replies, edits, pins, searches and deletes, and the other sees it", async () => {
    await write(one.page, "Filter or espresso?");
    await other.page.getByText("Filter or espresso?").first().waitFor();
    await choose(other.page, "Filter or espresso?", "Reply");
    await write(other.page, "Both, <b>please</b>");
    const reply = one.page.locator(".message", { hasText: "Both, <b>please</b>" });
    expect(await reply.locator(".quote").textContent()).toBe(`${ann.username}Filter or espresso?`);
    expect(await reply.ariaSnapshot()).toContain(`Reply to ${ann.username}:`);

    await choose(one.page, "Filter or espresso?", "Edit");
    await write(one.page, "Filter or decaf?");
    await other.page.locator(".message", { hasText: "Filter or decaf?" }).getByText("edited").waitFor();
    await expect.poll(() => other.page.locator(".quote span").textContent()).toBe("Filter or decaf?");

    await choose(other.page, "Both, <b>please</b>", "Pin");
    await one.page.getByRole("button", { name: "Pinned: Both, <b>please</b>" }).waitFor();

    await one.page.getByRole("button", { name: "Search in this chat" }).click();
    await one.page.getByRole("searchbox", { name: "Search in this chat" }).fill("decaf");
    await one.page.getByRole("complementary").getByRole("button", { name: "Filter or decaf?" }).click();
    await one.page.locator("[data-shown]", { hasText: "Filter or decaf?" }).waitFor();
    await one.page.keyboard.press("Escape");

    await choose(one.page, "Filter or decaf?", "Delete");
    await one.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await other.page.getByText("This message was deleted.").first().waitFor();
    expect((await texts(other.page)).at(-2)).toBe("This message was deleted.");
  });

  test("logs no errors", () => {
    expect([one.complaints, other.complaints]).toEqual([[], []]);
  });
});
