import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, newGroup, roomPath, send, visit, writeLine } from "./page.ts";

/** The left edge of the first and of the last character of a text in an element. */
const ends = (element: Locator, text: string) =>
  element.evaluate((element, text) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let node = walker.nextNode();
    while (node && !node.textContent!.includes(text)) node = walker.nextNode();
    const from = node!.textContent!.indexOf(text);
    const place = (at: number) => {
      const range = document.createRange();
      range.setStart(node!, at);
      range.setEnd(node!, at + 1);
      return range.getBoundingClientRect().left;
    };
    return { first: place(from), last: place(from + text.length - 1) };
  }, text);

inBrowser("what people write", () => {
  test("right-to-left text shows as such, without affecting the page's words around it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const name = "מועדון התה!";
    const room = await newGroup(ann, name, bob);
    const { data: quoted } = await ann.supabase.rpc("send_message", { room_id: room, content: "שלום, bob!" })
      .throwOnError();
    await ann.supabase.rpc("send_message", { room_id: room, content: "مرحبا!", reply_to_id: quoted.id }).throwOnError();
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, "שלום, bob!", "مرحبا!");
    await writeLine(page).fill("שלום!");

    const bubble = page.locator(".message .bubble").last();
    const listed = page.getByRole("link", { name: "מועדון" });
    for (
      const [element, text] of [
        [page.locator(".message .text").first(), "שלום, bob!"],
        [bubble.locator(".text"), "مرحبا!"],
        [bubble.locator(".quote"), "שלום, bob!"],
        [page.locator(".main-title"), name],
        [listed, name],
        [listed.locator(".item-text"), "مرحبا!"],
        [page.locator(".first"), name],
      ] as const
    ) {
      const { first, last } = await ends(element, text);
      expect(last, await element.innerText()).toBeLessThan(first);
    }
    const { first: before } = await ends(page.locator(".first"), "This");
    const { first: after } = await ends(page.locator(".first"), "begins");
    expect(before).toBeLessThan(after);
    expect(await writeLine(page).evaluate((field) => getComputedStyle(field).unicodeBidi)).toBe("plaintext");
    await context.close();
  });

  test.each([false, true])("words without an end make nothing wider than its place (phone: %s)", async (isPhone) => {
    const long = "w".repeat(140);
    const [ann, bob] = await Promise.all([newUser("ann"), newUser(long)]);
    const direct = await newDirectRoom(ann, bob);
    const room = await newGroup(ann, long, bob);
    await ann.supabase.rpc("update_room", { room_id: room, description: long.repeat(2) }).throwOnError();
    await send(bob, room, long.repeat(5));
    await send(bob, direct, long.repeat(5));
    const { page, context } = await visit(ann, { path: roomPath(room), phone: isPhone });
    const wide = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("body, .scroll, .scroller, .panel, .panel-body, dialog, .dialog, .menu")]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ className }) => className)
      );
    await expectTexts(page, long.repeat(5));
    expect(await wide()).toEqual([]);
    await page.getByRole("button", { name: "Members" }).click();
    const panel = page.getByRole("complementary", { name: "Members" });
    await panel.getByRole("button", { name: `Actions for ${bob.username}` }).click();
    expect(await wide()).toEqual([]);
    await page.keyboard.press("Escape");
    await panel.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Chat actions" }).click();
    await page.getByRole("menuitem", { name: "Leave group" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await wide()).toEqual([]);
    await page.keyboard.press("Escape");
    if (isPhone) await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("button", { name: "New group" }).click();
    await page.getByLabel("Add people by name").fill(bob.username);
    await page.getByRole("dialog").getByRole("button", { name: bob.username }).click();
    await page.getByRole("button", { name: `Remove ${bob.username}` }).waitFor();
    expect(await wide()).toEqual([]);
    await context.close();
  });
});
