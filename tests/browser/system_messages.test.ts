import { expect, inject, test } from "vitest";
import { client } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, send, visit, write } from "./page.ts";

inBrowser("system messages", () => {
  test("a group shows what happens in it and what a backend says, between its messages and in the chosen language", async () => {
    const [ann, bob, cleo, dan] = await Promise.all(["ann", "bob", "cleo", "dan"].map((name) => newUser(name)));
    const id = await newGroup(ann!, "Lines", bob!);
    await send(bob!, id, "Hello");
    const { page, complaints, context } = await visit(ann!, { path: roomPath(id) });
    const lines = page.locator(".system-line");
    const shown = async () =>
      (await page.locator(".message-list .system-line, .message-list .text").allInnerTexts()).map((text) =>
        text.trim()
      );
    await expect.poll(shown).toEqual([
      `${ann!.username} created the group`,
      `${ann!.username} added ${bob!.username}`,
      "Hello",
    ]);
    await ann!.supabase.rpc("add_members", { room_id: id, user_ids: [cleo!.id, dan!.id] });
    await lines.filter({ hasText: /added .+ and .+/ }).waitFor();
    await ann!.supabase.rpc("update_room", { room_id: id, name: "Lines & <b>more</b>" });
    await lines.filter({ hasText: `${ann!.username} renamed the group to “Lines & <b>more</b>”` }).waitFor();
    await cleo!.supabase.rpc("leave_room", { room_id: id });
    await lines.filter({ hasText: `${cleo!.username} left` }).waitFor();
    const backend = client({ key: inject("status").secret_key });
    await backend.rpc("send_system_message", { room_id: id, content: "The kettle is *on*." });
    await lines.filter({ hasText: "The kettle is *on*." }).waitFor();
    // Screen readers hear it, and the inbox still shows what somebody has said.
    await page.locator("[aria-live]").getByText("The kettle is *on*.").waitFor({ state: "attached" });
    await page.getByRole("link", { name: /Lines/ }).getByText("Hello").waitFor();
    await write(page, "Thanks");
    await expect.poll(async () => (await shown()).slice(-2)).toEqual(["The kettle is *on*.", "Thanks"]);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
