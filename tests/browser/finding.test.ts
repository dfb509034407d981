import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, failing, newGroup, roomPath, send, visit } from "./page.ts";

inBrowser("finding rooms", () => {
  test("a room older than those loaded is found by name, and a message can be forwarded to it", async () => {
    const ann = await newUser("ann");
    const oldest = await newGroup(ann, "Alpine club");
    for (let number = 1; number <= 105; number++) await newGroup(ann, `Room ${number}`);
    const here = await newGroup(ann, "Here");
    await send(ann, here, "pass it on");
    const { page, context } = await visit(ann, { path: roomPath(here) });
    await page.getByLabel("Search people and messages").fill("alpine");
    const found = page.getByRole("link", { name: "Alpine club" });
    await found.waitFor();
    expect(await found.getAttribute("href")).toBe(roomPath(oldest));

    await page.locator(".message").last().hover();
    await page.getByRole("button", { name: "Message actions" }).click();
    await page.getByRole("menuitem", { name: "Forward" }).click();
    await page.getByLabel("Search chats").fill("alpine");
    await page.getByRole("dialog").getByRole("button", { name: "Alpine club" }).click();
    await expect.poll(async () => {
      const { data } = await ann.supabase.from("messages").select("forwarded_content").eq("room_id", oldest);
      return data;
    }).toEqual([{ forwarded_content: "pass it on" }]);
    await context.close();
  });

  test("the search field keeps the focus while a chat loads", async () => {
    const ann = await newUser("ann");
    const room = await newGroup(ann, "Slow");
    await send(ann, room, "Here at last");
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await expectTexts(page, "Here at last");
    await page.route("**/rest/v1/**", async (route) => {
      await sleep(500);
      await route.continue();
    });
    await page.reload();
    const field = page.getByLabel("Search people and messages");
    await field.focus();
    await page.keyboard.type("al");
    expect(await page.locator(".composer").count()).toBe(0);
    await page.locator(".composer").waitFor();
    await page.keyboard.type("pine");
    expect(await field.inputValue()).toBe("alpine");
    await context.close();
  });

  test("a search that fails once is repeated, and one that keeps failing says so and can be tried again", async () => {
    const ann = await newUser("ann");
    await newGroup(ann, "Alpine club");
    const { page, context } = await visit(ann);
    const searches = await failing(page, "**/rpc/find_rooms", 1);
    const field = page.getByLabel("Search people and messages");
    const found = page.getByRole("link", { name: "Alpine club" });
    await field.fill("alpine");
    await found.waitFor();
    expect(searches.failed).toBe(1);

    searches.left = Infinity;
    await field.fill("club");
    await page.getByText("The server is not available. Try again in a moment.").waitFor();
    expect(searches.failed).toBe(4);
    searches.left = 0;
    await page.getByRole("button", { name: "Try again" }).click();
    await found.waitFor();
    await page.getByText("The server is not available").waitFor({ state: "detached" });
    await context.close();
  });

  test("public groups that could not be loaded are loaded by a click", async () => {
    const { page, context } = await visit(await newUser("ann"));
    const lists = await failing(page, "**/rest/v1/rooms?*is_public*", Infinity);
    await page.getByRole("button", { name: "Public groups" }).click();
    const again = page.getByRole("dialog").getByRole("button", { name: "Try again" });
    await again.waitFor();
    lists.left = 0;
    await again.click();
    await again.waitFor({ state: "detached" });
    await page.getByText("There are no public groups yet.").or(page.getByRole("button", { name: /^Join/ })).first()
      .waitFor();
    await context.close();
  });
});
