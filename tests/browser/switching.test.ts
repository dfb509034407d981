import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, roomPath, texts, visit, write, writeLine } from "./page.ts";

/** One user signs out, and another signs in, without a reload. */
async function hand(page: Page, to: User): Promise<void> {
  await page.getByRole("button", { name: "Profile and settings" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Email or username").fill(to.username);
  await page.getByLabel("Password").fill(to.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Select a chat").waitFor();
}

inBrowser("two users of one browser", () => {
  test("a user signs out although the network hangs", async () => {
    const { page, context } = await visit(await newUser("ann"));
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await page.getByLabel("First name").waitFor();
    await context.route(/touch_status|logout/, () => {}); // never answered
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password").waitFor({ timeout: 10_000 });
    await context.close();
  });

  test("the next user finds nothing of the last, who later finds their own again", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await context.route("**/rest/v1/rpc/send_message*", (route) => route.abort());
    await write(page, "Not sent by ann");
    await expectTexts(page, "Not sent by ann");
    await writeLine(page).fill("Not even that");

    await hand(page, bob);
    await context.unroute("**/rest/v1/rpc/send_message*");
    await page.getByRole("link", { name: ann.username }).click();
    await write(page, "Bob here");
    await page.locator('.message[data-state="sent"]').waitFor();
    expect(await texts(page)).toEqual(["Bob here"]);
    expect(await writeLine(page).inputValue()).toBe("");
    await writeLine(page).fill("Bob's draft");

    await hand(page, ann);
    await page.getByRole("link", { name: bob.username }).click();
    await expectTexts(page, "Bob here", "Not sent by ann");
    expect(await writeLine(page).inputValue()).toBe("Not even that");
    const { data } = await bob.supabase.from("messages").select("sender_id, content").eq("room_id", room).order("seq");
    expect(data).toEqual([
      { sender_id: bob.id, content: "Bob here" },
      { sender_id: ann.id, content: "Not sent by ann" },
    ]);
    await context.close();
  });
});
