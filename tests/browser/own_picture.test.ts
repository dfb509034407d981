import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { visit } from "./page.ts";
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
    const { data } = await ann.supabase.storage.from("avatars").list(ann.id);
    expect(data).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
