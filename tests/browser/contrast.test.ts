import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, roomPath, send, visit, writeLine } from "./page.ts";

const widthOf = (element: Locator, line: "borderTopWidth" | "outlineWidth") =>
  element.evaluate((element, line) => parseFloat(getComputedStyle(element)[line]), line);

inBrowser("a system with colors of its own", () => {
  test("shows the open chat, the sender of each message and the message field by lines", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "Hello");
    await send(bob, room, "Hi");
    const { page, context } = await visit(bob, { path: roomPath(room), forcedColors: "active" });
    await expectTexts(page, "Hello", "Hi");
    expect(await widthOf(page.getByRole("link", { name: ann.username }), "borderTopWidth")).toBe(1);
    const [theirs, mine] = [page.locator(".bubble").first(), page.locator(".bubble").last()];
    expect(await widthOf(theirs, "borderTopWidth")).toBe(1);
    expect(await widthOf(mine, "borderTopWidth")).toBe(2);
    await writeLine(page).focus();
    expect(await widthOf(page.locator(".write-line"), "outlineWidth")).toBe(2);
    await context.close();
  });
});
