import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, visit } from "./page.ts";

/** A message an hour, from 1 March 2026 on, of two people in turns. */
async function fill(room: number, ann: User, bob: User): Promise<void> {
  const sql = database();
  await sql`
    insert into chat.messages (room_id, sender_id, content, created_at)
    select ${room}, case when hour % 2 = 0 then ${ann.id}::uuid else ${bob.id}::uuid end,
      'Hour ' || hour || case when hour in (24, 101) then repeat(', a long and foggy one', 5) || ' with kettles' else '' end,
      '2026-03-01T00:00:00'::timestamp at time zone 'UTC' + hour * interval '1 hour'
    from generate_series(0, 299) as hour`;
  await sql.end();
}

inBrowser("searching a chat", () => {
  test("matches are marked, a sender and days narrow the search, and a day can be shown", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Log", bob);
    await fill(room, ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room), timezoneId: "UTC" });
    await page.getByRole("button", { name: "Search in this chat" }).click();
    const panel = page.getByRole("complementary", { name: "Search" });
    const found = panel.locator(".item-text");
    await panel.getByRole("searchbox").fill("kettle");
    await expect.poll(() => found.count()).toBe(2);
    expect(await found.locator("mark").allTextContents()).toEqual(["kettle", "kettle"]);
    expect(await found.first().textContent()).toMatch(/^….{1,24}kettles$/);

    await panel.getByText("Filters").click();
    await panel.getByLabel("From").selectOption(bob.username);
    await expect.poll(() => found.count()).toBe(1);
    await panel.getByRole("searchbox").fill("");
    await panel.getByLabel("Since").fill("2026-03-02");
    await panel.getByLabel("Until").fill("2026-03-02");
    await expect.poll(() => found.count()).toBe(12);
    expect(await found.last().textContent()).toBe("Hour 25");

    await panel.getByRole("button", { name: "Go to this day in the chat" }).click();
    await expect.poll(() =>
      page.locator(".message", { hasText: "Hour 24," }).evaluateAll((messages) =>
        messages.some((message) =>
          message.getBoundingClientRect().top > 0 && message.getBoundingClientRect().top < innerHeight
        )
      )
    ).toBe(true);
    await panel.getByLabel("From").selectOption("Anybody");
    await panel.getByLabel("With").selectOption("A link");
    await panel.getByText("Nothing found").waitFor();
    await panel.getByLabel("With").selectOption("Anything");
    await expect.poll(() => found.count()).toBe(24);
    await context.close();
  });
});
