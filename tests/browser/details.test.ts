import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { choose, newGroup, roomPath, send, visit } from "./page.ts";

inBrowser("the details of a message", () => {
  test("show its earlier texts, who has read it and who has received it", async () => {
    const [ann, bob, cat] = await Promise.all([newUser("ann"), newUser("bob"), newUser("cat")]);
    const room = await newGroup(ann, "Tea", bob, cat);
    await send(ann, room, "Tea at four?");
    const { data } = await ann.supabase.from("messages").select("id").eq("room_id", room).single().throwOnError();
    await ann.supabase.rpc("edit_message", { message_id: data.id, content: "Tea at five?" }).throwOnError();
    await bob.supabase.rpc("mark_read", { room_id: room, seq: 1 }).throwOnError();

    const { page, context } = await visit(ann, { path: roomPath(room) });
    await choose(page, "Tea at five?", "Details");
    const dialog = page.getByRole("dialog", { name: "Details" });
    await dialog.getByText("Tea at four?").waitFor();
    await expect.poll(() => dialog.getByRole("heading").allTextContents()).toEqual([
      "Details",
      "Before it was edited",
      "Read by",
    ]);
    await expect.poll(() => dialog.locator(".item-name").allTextContents()).toEqual([bob.username]);
    await expectAccessible(page);

    await cat.supabase.rpc("mark_delivered", { room_id: room, seq: 1 }).throwOnError();
    await dialog.getByRole("heading", { name: "Delivered to" }).waitFor();
    await expect.poll(() => dialog.locator(".item-name").allTextContents()).toEqual([bob.username, cat.username]);
    await context.close();
  });
});
