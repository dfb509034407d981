import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser, uniqueName, type User } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { appoint, newDirectRoom, newGroup, pageUrl, send, visit } from "./page.ts";

async function open(person: User, path: string, ready: string) {
  await appoint(person, "administrator");
  return await visit(person, { url: `${pageUrl}admin`, path, ready });
}

/** Goes to a section or to something in it. */
const goTo = (page: Page, hash: string) =>
  page.evaluate((hash) => (globalThis as unknown as { location: { hash: string } }).location.hash = hash, hash);

/** As when somebody comes back to the page. */
const lookAgain = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

inBrowser("the work of an administrator", () => {
  test("a role is given, a group is locked, an account is deleted, and lists say the names of rooms", async () => {
    const [ann, bob, boss] = await Promise.all([newUser("ann"), newUser("bob"), newUser("boss")]);
    const name = uniqueName("Crew");
    const id = await newGroup(ann, name, bob);
    const direct = await newDirectRoom(ann, bob);
    const { page, context, complaints } = await open(boss, `#/people/${bob.id}`, "h1");
    const dialog = page.getByRole("dialog");
    const history = page.getByRole("region", { name: "What was done" });

    await page.getByRole("button", { name: "Role" }).click();
    await dialog.getByLabel("Role").selectOption("moderator");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await history.getByText("→ moderator").waitFor();
    await bob.supabase.auth.refreshSession();
    expect((await bob.supabase.rpc("moderation_counts")).error).toBeNull();

    await goTo(page, `#/rooms/${id}`);
    await page.getByRole("button", { name: "Lock" }).click();
    await dialog.getByRole("textbox").fill("Until Monday");
    await dialog.getByRole("button", { name: "Lock" }).click();
    await page.getByRole("button", { name: "Unlock" }).waitFor();
    await page.getByText(/: Until Monday$/).waitFor();
    expect((await bob.supabase.rpc("send_message", { room_id: id, content: "Hi" })).error?.message).toBe("room_locked");

    // Lists name all their rooms by one request.
    await boss.supabase.rpc("ban_member", { room_id: id, user_id: bob.id, reason: "Spam" }).throwOnError();
    await boss.supabase.rpc("moderated_messages", { room_id: direct, reason: "Asked to" }).throwOnError();
    const named: string[] = [];
    page.on("request", (request) => {
      const isAsked = new URL(request.url()).pathname.endsWith("/rpc/moderated_rooms");
      if (isAsked && request.postData()?.includes(`#${id}`)) named.push(request.url());
    });
    await goTo(page, `#/audit?actor=${boss.id}`);
    await page.reload();
    await page.locator(".audit-row", { hasText: "Room locked" }).getByRole("link", { name }).waitFor();
    const pair = new RegExp(`${ann.username}.*${bob.username}`);
    await page.locator(".audit-row", { hasText: "Messages read" }).getByRole("link", { name: pair }).waitFor();
    expect(named).toHaveLength(1);
    await expectAccessible(page);
    await goTo(page, "#/bans/banned");
    await page.locator("li", { hasText: bob.username }).getByRole("link", { name }).waitFor();

    await goTo(page, `#/people/${ann.id}`);
    await page.getByRole("button", { name: "Delete account" }).click();
    await dialog.getByLabel(/erase|Erase/).check();
    expect(await dialog.getByRole("button", { name: "Delete for good" }).isDisabled()).toBe(true);
    await dialog.getByLabel(`Type ${ann.username} to confirm`).fill(ann.username);
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
    await expect.poll(async () => (await ann.supabase.auth.getUser()).data.user).toBeNull();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("word rules are added, a bad pattern is explained, and rules are removed", async () => {
    const boss = await newUser("boss");
    const { page, context, complaints } = await open(boss, "#/words", "h1");
    const pattern = uniqueName("casino");
    const field = page.getByLabel("Pattern");
    await field.fill("(unclosed");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("regular expression").last().waitFor();
    expect(await field.inputValue()).toBe("(unclosed");
    await field.fill(pattern);
    await page.getByLabel("A message that matches").selectOption("refuse");
    await page.getByRole("button", { name: "Add" }).click();
    const rule = page.locator("li", { hasText: pattern });
    await rule.getByText("Is refused").waitFor();
    await expectAccessible(page);
    await rule.getByRole("button", { name: `Remove ${pattern}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await rule.waitFor({ state: "detached" });
    expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
    await context.close();
  });

  test("the queue and the overview show what is new, and leave the focus and the place where they were", async () => {
    const [ann, bob, boss] = await Promise.all([newUser("ann"), newUser("bob"), newUser("boss")]);
    const id = await newGroup(ann, "Seen", bob);
    await send(bob, id, ...Array.from({ length: 6 }, (_, number) => `Bad ${number}`));
    const { data: messages } = await ann.supabase.from("messages").select("id").eq("room_id", id).order("seq")
      .throwOnError();
    const report = (place: number) =>
      ann.supabase.rpc("report", { message_id: messages![place]!.id, reason: "spam", note: `${bob.username} ${place}` })
        .throwOnError();
    for (const place of [0, 1, 2, 3, 4]) await report(place);
    const { page, context, complaints } = await open(boss, "#/reports", "h1");
    const queued = (place: number) => page.locator("li.admin-card", { hasText: `${bob.username} ${place}` });
    const button = queued(0).getByRole("button", { name: "Warn" });
    await button.focus();
    const top = () =>
      button.evaluate((one) => (one as unknown as { getBoundingClientRect(): DOMRect }).getBoundingClientRect().top);
    const before = await top();
    await report(5);
    await expect.poll(async () => {
      await lookAgain(page);
      return await queued(5).count();
    }).toBe(1);
    expect(await button.evaluate((one) => one === document.activeElement)).toBe(true);
    await expect.poll(async () => Math.abs(await top() - before)).toBeLessThan(2);

    await goTo(page, "#/");
    // The answers are slower than the looks.
    await page.route("**/rpc/moderation_counts", async (route) => {
      await sleep(300);
      await route.continue();
    });
    const muted = page.locator(".tile", { hasText: "Muted" }).locator("strong");
    await expect.poll(() => muted.textContent()).toMatch(/^\d/);
    const known = Number(await muted.textContent());
    await boss.supabase.rpc("mute_user", { user_id: bob.id }).throwOnError();
    await expect.poll(async () => {
      await lookAgain(page);
      return Number(await muted.textContent());
    }).toBeGreaterThan(known);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
