import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, send, visit } from "./page.ts";

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
});
