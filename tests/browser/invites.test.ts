import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, visit, write } from "./page.ts";

inBrowser("invites", () => {
  test("an owner makes a link for one person, who opens it, signs in and joins; then it is over, and another is revoked", async () => {
    const [ann, bob, eve] = await Promise.all([newUser("ann"), newUser("bob"), newUser("eve")]);
    const id = await newGroup(ann, "By link");
    const one = await visit(ann, { path: roomPath(id) });
    await one.page.getByRole("button", { name: "Members" }).click();
    await one.page.getByRole("button", { name: "Invite by link" }).click();
    const dialog = one.page.getByRole("dialog");
    const make = async (uses: string) => {
      await dialog.getByLabel("People who can join").selectOption(uses);
      await dialog.getByRole("button", { name: "Make a link" }).click();
      const field = dialog.getByLabel("New link");
      await dialog.getByRole("button", { name: "Copy link" }).waitFor();
      return await field.inputValue();
    };
    const address = await make("1");
    expect(address).toMatch(/#\/invite\/[\w-]{22}$/);
    await dialog.getByText("0 of 1 have joined").waitFor();
    await expectAccessible(one.page);

    const path = new URL(address).hash;
    const [other, late] = await Promise.all([visit(bob, { path, phone: true }), visit(eve, { path })]);
    await other.page.getByRole("heading", { name: "By link" }).waitFor();
    await other.page.getByText("1 member").waitFor();
    await expectAccessible(other.page);
    await late.page.getByRole("heading", { name: "By link" }).waitFor();
    await other.page.getByRole("button", { name: "Join" }).click();
    await write(other.page, "I am in");
    await late.page.getByRole("button", { name: "Join" }).click();
    await late.page.getByRole("alert").getByText("This invite does not work").waitFor();
    await late.page.reload();
    await late.page.getByRole("heading", { name: "This invite does not work" }).waitFor();

    const second = await make("");
    await dialog.getByText("1 of 1 have joined").waitFor();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).waitFor({ state: "detached" });
    await late.page.goto(second);
    await late.page.getByRole("heading", { name: "This invite does not work" }).waitFor();
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    for (const { context } of [one, other, late]) await context.close();
  });

  test("a person who lets nobody add them declines, ignores and accepts invitations at the top of the list", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const { page, context, complaints } = await visit(bob);
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await page.getByLabel("Who adds you to groups at once").selectOption("Nobody");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const name of ["Chess", "Spam", "Tea"]) await newGroup(ann, name, bob);
    const list = page.getByRole("region", { name: "Invitations" });
    await list.getByText(`${ann.username} invites you`).nth(2).waitFor();
    await expectAccessible(page);
    await list.getByRole("button", { name: "Decline Chess" }).click();
    await list.getByRole("button", { name: "Ignore Spam" }).click();
    await list.getByRole("button", { name: "Ignore Spam" }).waitFor({ state: "detached" });
    await list.getByRole("button", { name: "Accept Tea" }).click();
    await page.getByRole("heading", { name: "Tea" }).waitFor();
    await list.waitFor({ state: "detached" });
    await write(page, "Thank you");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a user asks to join a public group, and is in it as soon as its owner lets them in", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const id = await newGroup(ann, `Asking ${crypto.randomUUID()}`);
    await ann.supabase.from("rooms").update({ is_public: true }).eq("id", id).throwOnError();
    const [one, other] = await Promise.all([visit(ann, { path: roomPath(id) }), visit(bob)]);
    await one.page.getByRole("button", { name: "Chat actions" }).click();
    await one.page.getByRole("menuitem", { name: "Group settings" }).click();
    await one.page.getByLabel("People ask before they join").check();
    await one.page.getByRole("button", { name: "Save" }).click();
    await one.page.getByRole("dialog").waitFor({ state: "detached" });
    await one.page.getByRole("button", { name: "Members" }).click();

    await other.page.goto(other.page.url().replace(/#.*/, "") + roomPath(id));
    await other.page.getByLabel("A few words to the admins").fill("I like tea");
    await expectAccessible(other.page);
    await other.page.getByRole("button", { name: "Ask to join" }).click();
    await other.page.getByText("An admin will answer").waitFor();
    await one.page.getByText("I like tea").waitFor();
    await expectAccessible(one.page);
    await one.page.getByRole("button", { name: `Let in ${bob.username}` }).click();
    await write(other.page, "Thank you");
    await one.page.getByText("I like tea").waitFor({ state: "detached" });
    expect([...one.complaints, ...other.complaints]).toEqual([]);
    for (const { context } of [one, other]) await context.close();
  });
});
