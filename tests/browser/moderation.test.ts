import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { appoint, choose, newGroup, roomPath, send, visit } from "./page.ts";

inBrowser("moderation", () => {
  test("a message is reported, and a moderator bans its sender in three clicks, who reads why", async () => {
    const [ann, bob, mod] = await Promise.all([newUser("ann"), newUser("bob"), newUser("mod")]);
    const id = await newGroup(ann, "Reported", bob);
    await send(bob, id, "Terrible words");
    await appoint(mod, "moderator");
    const [one, other, third] = await Promise.all([
      visit(ann, { path: roomPath(id) }),
      visit(bob, { path: roomPath(id), phone: true }),
      visit(mod),
    ]);
    await choose(one.page, "Terrible words", "Report");
    const dialog = one.page.getByRole("dialog");
    await dialog.getByLabel("What is wrong?").selectOption("harassment");
    await dialog.getByLabel("What the moderators should know").fill("Look at this");
    await expectAccessible(one.page);
    await dialog.getByRole("button", { name: "Report" }).click();
    await one.page.getByText("the moderators will look at it").waitFor();

    await third.page.getByRole("button", { name: "Reports" }).click();
    const queue = third.page.getByRole("dialog", { name: "Reports" });
    const item = queue.locator("li", { hasText: "Look at this" });
    await item.getByText("Terrible words").waitFor();
    await expectAccessible(third.page);
    await item.getByRole("button", { name: "Actions on the report" }).click();
    await third.page.getByRole("menuitem", { name: "Ban from the group" }).click();
    const sure = third.page.getByRole("dialog", { name: /^Ban from the group/ });
    await sure.getByLabel("Reason, which the person reads").fill("Rule 1");
    await sure.getByRole("button", { name: "Ban from the group" }).click();
    await item.waitFor({ state: "detached" });
    await queue.getByLabel("Show").selectOption("resolved");
    await queue.getByText("Look at this").waitFor();

    const notice = other.page.getByRole("dialog", { name: "From the moderators" });
    await notice.getByText("You were banned from Reported.").waitFor();
    await notice.getByText("Rule 1").waitFor();
    await expectAccessible(other.page);
    await notice.getByRole("button", { name: "I have read it" }).click();
    await notice.waitFor({ state: "detached" });
    await other.page.reload();
    await other.page.locator(".home").waitFor();
    const { error } = await ann.supabase.rpc("add_members", { room_id: id, user_ids: [bob.id] });
    expect(error?.message).toBe("banned");
    expect([...one.complaints, ...third.complaints]).toEqual([]);
    for (const { context } of [one, other, third]) await context.close();
  });

  test("an admin removes and bans a member with a reason, and lifts the ban", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(ann, "Banned", bob);
    const { page, context, complaints } = await visit(ann, { path: roomPath(id) });
    expect(await page.getByRole("button", { name: "Reports" }).count()).toBe(0);
    await page.getByRole("button", { name: "Members" }).click();
    await page.getByRole("button", { name: `Actions for ${bob.username}` }).click();
    await page.getByRole("menuitem", { name: "Remove and ban" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason, which the person reads").fill("Spam");
    await dialog.getByLabel("Ends after").selectOption("day");
    await dialog.getByRole("button", { name: "Remove and ban" }).click();
    await page.getByRole("button", { name: "Banned people" }).click();
    await dialog.getByText("Spam").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Lift the ban" }).click();
    await dialog.getByText("Nobody is banned.").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
