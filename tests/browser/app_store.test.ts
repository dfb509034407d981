import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser, uniqueName } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser, newContext, openPage } from "./browser.ts";
import { appoint, choose, expectTexts, newDirectRoom, newGroup, pageUrl, roomPath, send, visit } from "./page.ts";

const CONTACT = "help@chat.example";
const TERMS = "https://chat.example/terms";

/** Gives the page what the operator of a chat sets. */
async function setUp(page: Page): Promise<void> {
  await page.route("**/config.json", async (route) => {
    const config = await (await route.fetch()).json();
    await route.fulfill({ json: { ...config, contact: CONTACT, terms: TERMS } });
  });
}

// What Apple (1.2) and Google Play ask of an app in which people write to each other.
inBrowser("the list of an app store", () => {
  test(
    "terms, a filter, reports that are answered, blocks, a contact, and the end of an account",
    { timeout: 120_000 },
    async () => {
      const [refused, flagged] = [uniqueName("vile"), uniqueName("rude")];
      const [bob, boss] = await Promise.all([newUser("bob"), newUser("boss")]);
      await appoint(boss, "administrator");
      const rules = await Promise.all(
        ([[refused, "refuse"], [flagged, "flag"]] as const).map(async ([pattern, action]) =>
          (await boss.supabase.rpc("add_word_rule", { pattern, action }).throwOnError()).data
        ),
      );

      // Who signs up agrees to the terms, and learns how to reach the operator.
      const context = await newContext({ locale: "en-GB", phone: true });
      const { page, complaints } = await openPage(context);
      await setUp(page);
      await page.goto(pageUrl);
      expect(await page.getByRole("link", { name: `Contact: ${CONTACT}` }).getAttribute("href")).toBe(
        `mailto:${CONTACT}`,
      );
      await page.getByRole("button", { name: "No account yet? Create one" }).click();
      const ann = uniqueName("ann");
      await page.getByLabel("Username").fill(ann);
      await page.getByLabel("Email", { exact: true }).fill(`${ann}@example.com`);
      await page.getByLabel("Password").fill("a long secret");
      expect(await page.getByRole("link", { name: "Terms of use" }).getAttribute("href")).toBe(TERMS);
      await expectAccessible(page);
      await page.getByRole("button", { name: "Create account" }).click();
      const agreement = page.getByLabel("I agree to the terms of use.");
      expect(await agreement.evaluate((box) => box.matches(":invalid"))).toBe(true);
      await agreement.check();
      await page.getByRole("button", { name: "Create account" }).click();
      await page.locator(".home").waitFor();
      const { data: me } = await bob.supabase.from("profiles").select("id").eq("username", ann).single().throwOnError();
      const id = await newGroup(bob, "Crew", { ...bob, id: me.id });
      const direct = await newDirectRoom(bob, { ...bob, id: me.id });

      // A filter: what is refused is not sent, what is flagged is in the queue.
      await page.goto(pageUrl + roomPath(id));
      await page.getByLabel("Message", { exact: true }).fill(`You are ${refused}`);
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("It says something that is not permitted here.").waitFor();
      await page.getByRole("button", { name: "Discard" }).click();
      await send(bob, id, `So ${flagged}`, "Terrible words");
      await expectTexts(page, `So ${flagged}`, "Terrible words");

      // A message and a person are reported.
      const report = async (note: string) => {
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("What the moderators should know").fill(note);
        await dialog.getByRole("button", { name: "Report" }).click();
        await page.getByText("the moderators will look at it").waitFor();
      };
      await choose(page, "Terrible words", "Report");
      await report("This message");

      // Within a day an operator acts, in three clicks.
      const admin = await visit(boss, { url: `${pageUrl}admin`, ready: ".admin" });
      await admin.page.getByRole("link", { name: "Reports", exact: true }).click();
      const queued = admin.page.locator("li", { hasText: bob.username });
      await queued.filter({ hasText: "This message" }).getByRole("button", { name: "Delete" }).click();
      await admin.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await queued.filter({ hasText: "This message" }).waitFor({ state: "detached" });
      await queued.filter({ hasText: flagged }).waitFor();

      // The one who reported it learns that it was looked at, and the message is gone.
      const notice = page.getByRole("dialog", { name: "From the moderators" });
      await notice.getByText("Your report was answered").waitFor();
      await expectAccessible(page);
      await notice.getByRole("button", { name: "I have read it" }).click();
      await notice.waitFor({ state: "detached" });
      await page.getByText("This message was deleted.").waitFor();

      // Who blocks a person hears nothing more from them.
      await page.goto(pageUrl + roomPath(direct));
      await page.locator(".main-head").getByRole("button", { name: bob.username }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Report" }).click();
      await report("This person");
      await expect.poll(async () => {
        await admin.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
        return await queued.filter({ hasText: "This person" }).count();
      }).toBe(1);
      await page.locator(".main-head").getByRole("button", { name: bob.username }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).waitFor();
      const { error } = await bob.supabase.rpc("send_message", { room_id: direct, content: "Hello?" });
      expect(error?.message).toBe("not_reachable");
      await page.keyboard.press("Escape");

      // An account is deleted where it was made.
      await page.goto(pageUrl);
      await page.getByRole("button", { name: "Profile and settings" }).click();
      await page.getByRole("dialog").getByRole("link", { name: `Contact: ${CONTACT}` }).waitFor();
      await page.getByRole("button", { name: "Delete account" }).click();
      await page.getByLabel(`Type ${ann} to confirm`).fill(ann);
      expect(complaints.filter((text) => !text.includes("400"))).toEqual([]);
      await page.getByRole("button", { name: "Delete for good" }).click();
      await page.getByText("Your account was deleted.").waitFor();
      expect(admin.complaints).toEqual([]);
      for (const rule of rules) await boss.supabase.rpc("remove_word_rule", { rule_id: rule.id! }).throwOnError();
      for (const { context: one } of [{ context }, admin]) await one.close();
    },
  );
});
