import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, pageUrl, roomPath, send, texts, visit } from "./page.ts";

inBrowser("deleting an account", () => {
  test("a person types the username, is gone, and what they wrote disappears where others read it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(bob, "Two", ann);
    await send(ann, id, "From Ann");
    const [own, other] = await Promise.all([visit(ann), visit(bob, { path: roomPath(id), phone: true })]);
    const { page } = own;
    await expect.poll(() => texts(other.page)).toEqual(["From Ann"]);
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await page.getByRole("button", { name: "Delete account" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete your account" });
    const last = dialog.getByRole("button", { name: "Delete for good" });
    await dialog.getByText("Your messages stay where you wrote them").waitFor();
    await dialog.getByLabel("Erase my messages and files, too").check();
    await dialog.getByText("For everybody, within minutes.").waitFor();
    await dialog.getByLabel(`Type ${ann.username} to confirm`).fill("somebody");
    expect(await last.isDisabled()).toBe(true);
    await expectAccessible(page);
    await dialog.getByLabel(`Type ${ann.username} to confirm`).fill(ann.username);
    await last.click();
    await page.getByLabel("Email or username").waitFor();
    await page.getByText("Your account was deleted.").waitFor();
    await page.goto(pageUrl);
    await page.getByLabel("Email or username").fill(ann.username);
    await page.getByLabel("Password").fill(ann.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("Wrong email, username or password.").waitFor();
    await other.page.getByText("This message was deleted.").waitFor();
    await other.page.getByText("From Ann").waitFor({ state: "detached" });
    expect(other.complaints).toEqual([]);
    for (const { context } of [own, other]) await context.close();
  });
});
