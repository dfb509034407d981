import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser, uniqueName, type User } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { appoint, newGroup, pageUrl, send, visit } from "./page.ts";

const open = (person: User, options: object = {}) =>
  visit(person, { url: `${pageUrl}admin`, ready: ".admin, .center [role=alert] h1", ...options });

/** Goes to a section by its link, and waits for what it reads. */
async function go(page: Page, section: string): Promise<void> {
  await page.getByRole("link", { name: section, exact: true }).click();
  await page.getByRole("heading", { level: 1, name: section }).waitFor();
  await expect.poll(() => page.getByText("Loading …").count()).toBe(0);
}

inBrowser("the admin page", () => {
  const title = "an administrator bans from a report in three clicks, and finds a limit that they change in the log";
  test(title, { timeout: 180_000 }, async () => {
    const [ann, bob, boss] = await Promise.all([newUser("ann"), newUser("bob"), newUser("boss")]);
    const group = uniqueName("Reported");
    const id = await newGroup(ann, group, bob);
    await send(bob, id, "Before it", "Terrible words");
    const { data: message } = await bob.supabase.from("messages").select("id").eq("room_id", id).eq("seq", 2)
      .single().throwOnError();
    await ann.supabase.rpc("report", { message_id: message.id, reason: "spam", note: uniqueName("Look") })
      .throwOnError();
    await appoint(boss, "administrator");
    const { page, context, complaints } = await open(boss);
    await page.getByRole("region", { name: "New people" }).waitFor();
    await expectAccessible(page);

    await page.getByRole("link", { name: /^Reports$/ }).click();
    const report = page.locator("li", { hasText: bob.username });
    await report.getByRole("button", { name: "Ban from the group" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Ban from the group" }).click();
    await report.waitFor({ state: "detached" });
    const { data: bans } = await ann.supabase.from("room_bans").select("user_id").eq("room_id", id).throwOnError();
    expect(bans).toEqual([{ user_id: bob.id }]);
    await expectAccessible(page);

    await page.getByRole("link", { name: "Resolved" }).click();
    await report.getByRole("link", { name: "Show messages" }).click();
    await page.locator("[data-reported=true]", { hasText: "Terrible words" }).waitFor();
    await page.getByText("Before it").waitFor();
    await page.getByText("is in the audit log").waitFor();
    await expectAccessible(page);

    await go(page, "People");
    await page.getByRole("link", { name: "Operators" }).click();
    await page.locator("li", { hasText: boss.username }).getByText("Administrator").waitFor();
    await page.getByRole("link", { name: "Everybody" }).click();
    await page.getByRole("searchbox").fill(bob.username);
    await page.getByRole("link", { name: new RegExp(bob.username) }).click();
    await page.getByRole("region", { name: "What was done" }).getByText("Ban from a group").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Suspend" }).click();
    await page.getByRole("dialog").getByLabel("Reason, which the person reads").fill("Rule 1");
    await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
    await page.getByRole("button", { name: "Lift the suspension" }).waitFor();
    await page.getByText("“Rule 1”").first().waitFor();

    await go(page, "Rooms");
    await page.getByRole("searchbox").fill(`#${id}`);
    await page.getByRole("link", { name: new RegExp(group) }).click();
    await page.getByRole("region", { name: "Members" }).getByText(ann.username).first().waitFor();
    await expectAccessible(page);

    for (const section of ["Bans and suspensions", "Word rules", "System"]) {
      await go(page, section);
      await expectAccessible(page);
    }

    await go(page, "Limits");
    // Each action has a name that people read, beside the one that SQL has.
    const named = await page.locator(".admin-table .named").allInnerTexts();
    expect(named.filter((text) => /^[a-z_]+\n/.test(text))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Change Make invite links" }).click();
    const dialog = page.getByRole("dialog");
    const atOnce = dialog.getByLabel("At once");
    const before = Number(await atOnce.inputValue());
    await dialog.getByLabel("Cost").fill(String(before + 2));
    await dialog.getByText("It cannot cost more").waitFor();
    await dialog.getByLabel("Cost").fill("1");
    await atOnce.fill(String(before + 1));
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });

    await go(page, "Retention");
    const rows = page.locator(".admin-table tbody tr");
    const texts = await page.locator(".admin-table .named").allInnerTexts();
    expect(texts.filter((text) => /^[a-z_]+\n/.test(text))).toEqual([]);
    const { data: kept } = await boss.supabase.rpc("retention_list").throwOnError();
    expect(texts.map((text) => text.split("\n").at(-1))).toEqual(kept.map(({ name }) => name));
    const joins = rows.filter({ hasText: "joined a room" });
    expect(await joins.innerText()).toMatch(/1 hr[^]*10 min to 30 days/);
    expect(await rows.filter({ hasText: "earlier backend" }).innerText()).toMatch(/At most 365 days/);
    expect(await rows.filter({ hasText: "Superseded" }).innerText()).toContain("The newest 100");
    await expectAccessible(page);
    await joins.getByRole("button").click();
    await dialog.getByLabel("Kept for").fill("721");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("It cannot be kept for that long").waitFor();
    await dialog.getByLabel("Kept for").fill("40");
    await dialog.getByLabel("Unit").selectOption("minutes");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await joins.getByText("40 min").first().waitFor();
    await rows.filter({ hasText: "Reports" }).getByText("Forever").first().waitFor();
    await rows.filter({ hasText: "Reports" }).getByRole("button").click();
    await dialog.getByLabel("Keep forever").uncheck();
    await dialog.getByLabel("Kept for").fill("730");
    await dialog.getByRole("button", { name: "Save" }).click();
    await rows.filter({ hasText: "Reports" }).getByText("730 days").waitFor();
    await boss.supabase.rpc("set_retention", { name: "joins", age: "1 hour" }).throwOnError();
    await boss.supabase.rpc("set_retention", { name: "reports" }).throwOnError();

    await go(page, "Audit log");
    await page.getByLabel("By").fill(boss.username);
    await page.getByLabel("By").press("Enter");
    await page.locator(".chosen", { hasText: boss.username }).waitFor();
    await expect.poll(() => page.locator(".audit-row", { hasText: "Limit changed" }).count()).toBe(1);
    await page.locator(".audit-row", { hasText: "Limit changed" })
      .getByText(`create_invite_link: capacity ${before} → ${before + 1}`).waitFor();
    await page.getByLabel("Action").selectOption({ label: "Messages read" });
    await expect.poll(() => page.locator(".audit-row .tag").allTextContents()).toEqual(["Messages read"]);
    await expectAccessible(page);
    await boss.supabase.rpc("set_limit", { action: "create_invite_link", capacity: before }).throwOnError();
    // Of the age that is not possible.
    expect(complaints).toEqual([expect.stringContaining("400")]);
    await context.close();
  });

  test("a moderator sees no limits, and the page closes when their role is taken away", async () => {
    const mod = await newUser("mod");
    await appoint(mod, "moderator");
    const { page, context, complaints } = await open(mod, { phone: true, path: "#/limits" });
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
    await page.getByRole("button", { name: "Menu" }).click();
    const links = page.getByRole("navigation").getByRole("link");
    expect(await links.allTextContents())
      .toEqual(["Overview", "Reports", "People", "Rooms", "Bans and suspensions", "Audit log"]);
    await expectAccessible(page);
    await links.filter({ hasText: "Reports" }).click();
    await page.getByRole("heading", { level: 1, name: "Reports" }).waitFor();

    const sql = database();
    await sql`update auth.users set raw_app_meta_data = raw_app_meta_data - 'parley_role' where id = ${mod.id}`;
    await sql.end();
    // By the address: a call that was still under way may have been refused, and the menu is gone.
    await page.evaluate(() => (globalThis as unknown as { location: { hash: string } }).location.hash = "#/people");
    await page.getByRole("heading", { name: "Your role was taken away" }).waitFor();
    await expectAccessible(page);
    expect(complaints.filter((text) => !text.includes("403"))).toEqual([]);
    await context.close();
  });

  test("somebody without a role is refused", async () => {
    const { page, context, complaints } = await open(await newUser("ann"), { locale: "ru-RU" });
    await page.getByRole("heading", { name: "Эта страница для операторов" }).waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
