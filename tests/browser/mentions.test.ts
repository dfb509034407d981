import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, send, type Visit, visit, writeLine } from "./page.ts";

inBrowser("mentions", () => {
  let ann: User, bob: User, eve: User, room: number;
  let one: Visit, other: Visit;

  beforeAll(async () => {
    [ann, bob, eve] = await Promise.all([newUser("ann"), newUser("bob"), newUser("eve")]);
    room = await newGroup(ann, "Tea", bob, eve);
    await send(ann, room, "Tea at five?");
    [one, other] = await Promise.all([visit(ann, { path: roomPath(room) }), visit(bob, { phone: true })]);
    await one.page.getByText("Tea at five?").last().waitFor();
  });

  afterAll(async () => {
    for (const { context } of [one, other]) await context.close();
  });

  const active = (visit: Visit) =>
    writeLine(visit.page).evaluate((field) =>
      document.getElementById(field.getAttribute("aria-activedescendant")!)?.textContent
    );

  test("an @ offers the members: arrow keys select, Enter or Tab takes one, Escape closes the list", async () => {
    const { page } = one;
    const options = page.getByRole("listbox", { name: "People to mention" }).getByRole("option");
    await writeLine(page).pressSequentially("Cake, @");
    await expect.poll(() => options.count()).toBe(3);
    await expectAccessible(page);
    await expect.poll(() => active(one)).toContain(`@${bob.username}`);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => active(one)).toContain(`@${eve.username}`);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => active(one)).toContain("Everyone in this chat");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => active(one)).toContain(`@${bob.username}`);
    await page.keyboard.press("Escape");
    await expect.poll(() => options.count()).toBe(0);
    expect(await writeLine(page).getAttribute("aria-activedescendant")).toBe(null);
    await page.keyboard.type("ev");
    expect(await options.count()).toBe(0);
    await writeLine(page).fill("");
    await writeLine(page).fill("Cake, @eve-");
    await expect.poll(() => options.count()).toBe(1);
    await page.keyboard.press("Tab");
    await expect.poll(() => writeLine(page).inputValue()).toBe(`Cake, @${eve.username} `);
    expect(await writeLine(page).evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type("and @bob");
    await expect.poll(() => options.count()).toBe(1);
    await page.keyboard.press("Enter");
    await expect.poll(() => writeLine(page).inputValue()).toBe(`Cake, @${eve.username} and @${bob.username} `);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".message .mention").count()).toBe(2);
    expect(await page.locator(".mention.own").count()).toBe(0);
  });

  test("a mention shows the name of now, and stands out for whom it is meant", async () => {
    await bob.supabase.from("profiles").update({ first_name: "Robert", last_name: "Baker" }).eq("id", bob.id)
      .throwOnError();
    const badge = other.page.locator(".item", { hasText: "Tea" }).getByText("1 mention of you");
    await badge.waitFor({ state: "attached" });
    await other.page.locator("a.item", { hasText: "Tea" }).click();
    await expect.poll(() => other.page.locator(".mention.own").textContent()).toBe("@Robert Baker");
    await expectAccessible(other.page);
    await other.page.getByRole("link", { name: "Back" }).click();
    await expect.poll(() => badge.count()).toBe(0);
  });

  test("the list of mentions leads to each message, and a search finds them", async () => {
    await send(ann, room, ...Array.from({ length: 30 }, (_, n) => `Cup ${n}`));
    const { page } = other;
    await page.getByRole("button", { name: "Mentions" }).click();
    const dialog = page.getByRole("dialog", { name: "Mentions" });
    await dialog.locator("a.item").first().waitFor();
    expect(await dialog.locator("a.item").count()).toBe(1);
    await expectAccessible(page);
    await dialog.locator("a.item").click();
    await expect.poll(() =>
      page.locator(".message", { hasText: "Robert Baker" }).evaluateAll((found) =>
        found.some((message) =>
          message.getBoundingClientRect().top > 0 && message.getBoundingClientRect().top < innerHeight
        )
      )
    ).toBe(true);
    await page.getByRole("button", { name: "Search in this chat" }).click();
    const panel = page.getByRole("complementary", { name: "Search" });
    await panel.getByText("Filters").click();
    await panel.getByLabel("With").selectOption("A mention of me");
    await expect.poll(() => panel.locator(".item-text").count()).toBe(1);
    expect(await panel.locator(".item-text").textContent()).toContain("Cake,");
  });

  test("a badge in the list of chats, apart from the unread messages, says that one is mentioned", async () => {
    const coffee = await newGroup(ann, "Coffee", bob);
    await bob.supabase.rpc("send_message", { room_id: coffee, content: "@all Coffee?", mention_all: true })
      .throwOnError();
    const item = one.page.locator("a.item", { hasText: "Coffee" });
    await item.getByText("1 mention of you").waitFor({ state: "attached" });
    await expect.poll(() => item.locator(".badge > [aria-hidden]").allTextContents()).toEqual(["@", "1"]);
    await one.page.getByRole("button", { name: "Mentions: 1 unread" }).waitFor();
    await expectAccessible(one.page);
  });

  test("the page makes no complaints", () => {
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });
});
