import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { choose, newGroup, roomPath, send, visit } from "./page.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { drawPicture } from "./pictures.ts";

inBrowser("the user's own picture", () => {
  test("it is chosen, cut to a square by keys, stored as such, and removed", async () => {
    const ann = await newUser("ann");
    const { page, context, complaints } = await visit(ann);
    await page.getByRole("button", { name: "Profile and settings" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Choose a picture" }).waitFor();
    // Red on the left, blue on the right.
    const buffer = await drawPicture(page, 800, 400);
    await dialog.locator("input[type=file]").setInputFiles({ name: "me.png", mimeType: "image/png", buffer });
    const area = dialog.getByRole("group", { name: /Part of the picture/ });
    await area.focus();
    for (let count = 0; count < 12; count++) await page.keyboard.press("ArrowRight");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Use this picture" }).click();
    const shown = dialog.locator(".avatar img");
    await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(512);
    const color = await shown.evaluate((image: HTMLImageElement) => {
      const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d")!;
      context.drawImage(image, 0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    });
    expect(color[2]).toBeGreaterThan(200);
    expect(color[0]).toBeLessThan(60);
    await page.reload();
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await shown.waitFor();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Choose a picture" }).waitFor();
    // The file goes once nothing shows it any more.
    await expect.poll(async () => (await ann.supabase.storage.from("avatars").list(ann.id)).data).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

inBrowser("the picture of a group", () => {
  test("an admin chooses and removes it, and members see it in the inbox, the head, the forward window and a card", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(ann, "Tea", bob);
    const [one, other] = await Promise.all([
      visit(ann, { path: roomPath(id) }),
      visit(bob, { path: roomPath(id) }),
    ]);
    await send(bob, id, "Look");
    const open = async () => {
      await one.page.getByRole("button", { name: "Chat actions" }).click();
      await one.page.getByRole("menuitem", { name: "Group settings" }).click();
    };
    await open();
    const dialog = one.page.getByRole("dialog");
    const buffer = await drawPicture(one.page, 600, 600);
    await dialog.locator("input[type=file]").setInputFiles({ name: "tea.png", mimeType: "image/png", buffer });
    await dialog.getByRole("group", { name: /Part of the picture/ }).waitFor();
    await expectAccessible(one.page);
    await dialog.getByRole("button", { name: "Use this picture" }).click();
    await dialog.getByRole("button", { name: "Choose another picture" }).waitFor();
    await dialog.locator(".avatar.group img").waitFor();

    const { page } = other;
    await page.locator(".main-head .avatar.group img").waitFor();
    await page.locator("a.item .avatar.group img").waitFor();
    await choose(page, "Look", "Forward");
    await page.getByRole("dialog").locator(".avatar.group img").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Members" }).click();
    await page.getByRole("complementary", { name: "Members" }).getByRole("button", { name: ann.username })
      .first().click();
    await page.getByRole("dialog").locator(".avatar.group img").waitFor();

    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.locator(".main-head .avatar.group img").waitFor({ state: "detached" });
    await expect.poll(async () => (await ann.supabase.storage.from("avatars").list(String(id))).data).toEqual([]);
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    await one.context.close();
    await other.context.close();
  });
});
