import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { choose, expectTexts, newDirectRoom, newGroup, roomPath, send, visit, write } from "./page.ts";

inBrowser("groups", () => {
  test("a user creates a group with users found by name, changes a role, and removes a member, who sees it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const [one, other] = await Promise.all([visit(ann), visit(bob)]);
    await one.page.getByRole("button", { name: "New group" }).click();
    await one.page.getByLabel("Group name").fill("Tea & <b>cake</b>");
    await one.page.getByLabel("Add people by name").fill(bob.username);
    await one.page.getByRole("button", { name: bob.username }).click();
    await one.page.getByRole("button", { name: `Remove ${bob.username}` }).waitFor();
    await one.page.getByRole("button", { name: "Create group" }).click();
    await one.page.getByRole("heading", { name: "Tea & <b>cake</b>" }).waitFor();
    await other.page.getByRole("link", { name: "Tea & <b>cake</b>" }).click();
    await write(one.page, "Welcome");
    await expectTexts(other.page, "Welcome");

    await one.page.getByRole("button", { name: "Members" }).click();
    const panel = one.page.getByRole("complementary", { name: "Members" });
    await panel.getByRole("button", { name: `Actions for ${bob.username}` }).click();
    await one.page.getByRole("menuitem", { name: "Make admin" }).click();
    await panel.getByRole("listitem").filter({ hasText: bob.username }).getByText("admin", { exact: true }).waitFor();
    await choose(other.page, "Welcome", "Delete");
    await other.page.getByRole("button", { name: "Cancel" }).click();

    await panel.getByRole("button", { name: `Actions for ${bob.username}` }).click();
    await one.page.getByRole("menuitem", { name: "Remove from the group" }).click();
    await other.page.getByRole("heading", { name: "This chat is not available" }).waitFor();
    await other.page.getByRole("link", { name: "Tea & <b>cake</b>" }).waitFor({ state: "detached" });
    expect(one.complaints).toEqual([]);
    await one.context.close();
    await other.context.close();
  });

  test("the owner turns slow mode on, and a member sees how long to wait", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(ann, "Slow", bob);
    const [one, other] = await Promise.all([visit(ann, { path: roomPath(id) }), visit(bob, { path: roomPath(id) })]);
    await one.page.getByRole("button", { name: "Chat actions" }).click();
    await one.page.getByRole("menuitem", { name: "Group settings" }).click();
    await one.page.getByLabel("Wait between messages").selectOption("30 seconds");
    await one.page.getByRole("button", { name: "Save" }).click();
    await one.page.getByRole("dialog").waitFor({ state: "detached" });
    await write(other.page, "Once");
    await other.page.getByText(/you can write again in \d+ seconds/).waitFor();
    await write(one.page, "Owners do not wait");
    expect(await one.page.getByText("Slow mode:").count()).toBe(0);
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    await one.context.close();
    await other.context.close();
  });

  test("the owner locks a group, whose member sees why, opens it for announcements, and hands it over", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(ann, "Switched", bob);
    await send(bob, id, "Before");
    const [one, other] = await Promise.all([visit(ann, { path: roomPath(id) }), visit(bob, { path: roomPath(id) })]);
    const change = async (work: (dialog: Locator) => Promise<unknown>) => {
      await one.page.getByRole("button", { name: "Chat actions" }).click();
      await one.page.getByRole("menuitem", { name: "Group settings" }).click();
      const dialog = one.page.getByRole("dialog");
      await work(dialog);
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.waitFor({ state: "detached" });
    };
    const field = other.page.getByRole("textbox", { name: "Message" });
    await field.waitFor();
    await change(async (dialog) => {
      await dialog.getByLabel("Locked").check();
      await dialog.getByLabel("Reason").fill("Until Monday.");
    });
    await other.page.getByText("This chat is locked: Until Monday.").waitFor();
    expect(await field.count()).toBe(0);
    await other.page.getByRole("button", { name: "Message actions" }).first().click({ force: true });
    await other.page.getByRole("menuitem", { name: "Delete" }).waitFor();
    const items = await other.page.getByRole("menuitem").allTextContents();
    for (const refused of ["Reply", "React", "Edit", "Pin"]) expect(items).not.toContain(refused);
    await other.page.keyboard.press("Escape");
    await expectAccessible(other.page);

    await change(async (dialog) => {
      await dialog.getByLabel("Locked").uncheck();
      await dialog.getByLabel("Who writes").selectOption("Admins");
      await expectAccessible(one.page);
    });
    await other.page.getByText("Only admins write in this group.").waitFor();
    await write(one.page, "News");
    await expectTexts(other.page, "Before", "News");

    await one.page.getByRole("button", { name: "Members" }).click();
    await one.page.getByRole("button", { name: `Actions for ${bob.username}` }).click();
    await one.page.getByRole("menuitem", { name: "Make owner" }).click();
    await one.page.getByRole("dialog").getByRole("button", { name: "Make owner" }).click();
    await write(other.page, "My group");
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    await one.context.close();
    await other.context.close();
  });

  test("a user joins a public group, mutes it, archives it, and leaves it", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const name = `Open ${crypto.randomUUID()}`;
    const id = await newGroup(bob, name);
    await bob.supabase.from("rooms").update({ is_public: true }).eq("id", id).throwOnError();
    const { page, context } = await visit(ann);
    await page.getByRole("button", { name: "Public groups" }).click();
    await page.getByRole("button", { name: `Join ${name}` }).click();
    await page.getByRole("heading", { name }).waitFor();
    const act = async (item: string) => {
      await page.getByRole("button", { name: "Chat actions" }).click();
      await page.getByRole("menuitem", { name: item, exact: true }).click();
    };
    const listed = page.getByRole("link", { name });
    await act("Mute");
    await listed.getByText("Muted").waitFor();
    await send(bob, id, "Psst");
    await expectTexts(page, "Psst");
    expect(await page.title()).toBe("Parley");
    await act("Archive");
    await listed.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Archived" }).click();
    await listed.waitFor();
    await act("Leave group");
    await page.getByRole("dialog").getByRole("button", { name: "Leave group" }).click();
    await listed.waitFor({ state: "detached" });
    await page.getByText("Select a chat").waitFor();
    await context.close();
  });

  test("a message is forwarded to another chat, and shows its original sender", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const [direct, group] = [await newDirectRoom(ann, bob), await newGroup(ann, "Notes")];
    await send(bob, direct, "Remember the milk");
    const { page, context } = await visit(ann, { path: roomPath(direct) });
    await choose(page, "Remember the milk", "Forward");
    await page.getByRole("dialog").getByRole("button", { name: "Notes" }).click();
    await page.goto(page.url().replace(/#.*/, roomPath(group)));
    await page.getByText(`Forwarded from ${bob.username}`).waitFor();
    await expectTexts(page, "Remember the milk");
    await context.close();
  });
});
