import { expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { allTexts, expectTexts, newDirectRoom, roomPath, send, texts, visit, write } from "./page.ts";

const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `Message ${index + from}`);

async function sendAtOnce({ supabase }: User, room_id: number, contents: string[]): Promise<void> {
  await supabase.from("messages").insert(contents.map((content) => ({ room_id, content })) as never).throwOnError();
}

inBrowser("a bad network", () => {
  test("a user who was offline for 200 messages sees each once, in order, and the unread count", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "Before");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, "Before");

    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    const missed = numbered(200);
    await sendAtOnce(ann, room, missed);
    expect(await texts(page)).toEqual(["Before"]);

    await context.setOffline(false);
    const read = () =>
      page.locator(".message").evaluateAll((messages) => {
        const { bottom } = document.querySelector(".scroller")!.getBoundingClientRect();
        const seen = messages.findLast((message) => message.getBoundingClientRect().bottom <= bottom + 4);
        return Number(seen!.getAttribute("data-seq")) - 1;
      });
    await page.getByRole("listitem").filter({ hasText: /^New messages$/ }).waitFor();
    await expect.poll(async () => {
      const unread = await page.getByRole("button", { name: /new messages/ }).textContent();
      return Number(unread) + await read();
    }).toBe(200);
    await page.getByRole("button", { name: /new messages/ }).click();
    await page.getByRole("button", { name: /new message/ }).waitFor({ state: "detached" });
    await expect.poll(() => page.title()).toBe("Parley");
    expect(await allTexts(page)).toEqual(["Before", ...missed]);
    await context.close();
  });

  test("messages that arrive while offline are counted in the inbox", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(bob);
    await page.getByRole("link", { name: ann.username }).waitFor();
    await context.setOffline(true);
    await sendAtOnce(ann, room, numbered(200));
    await context.setOffline(false);
    await page.getByRole("link", { name: ann.username }).getByText("200 unread messages").waitFor();
    await expect.poll(() => page.title()).toBe("(200) Parley");
    await page.getByRole("link", { name: ann.username }).click();
    await page.getByRole("button", { name: /new messages/ }).click();
    await expect.poll(() => page.title()).toBe("Parley");
    // Older pages load at the top.
    await expect.poll(async () => {
      await page.locator(".scroller").evaluate((scroller) => scroller.scrollTo(0, 0));
      return await page.getByText("This is where").count();
    }).toBe(1);
    expect(await allTexts(page)).toEqual(numbered(200));
    await context.close();
  });

  test("messages sent offline go out in order, once, even after a reload", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.getByText("This is where").waitFor();
    // The page itself can still be loaded.
    await context.route("**/rest/v1/rpc/send_message*", (route) => route.abort());
    for (const text of numbered(5)) await write(page, text);
    await expectTexts(page, ...numbered(5));
    expect(await page.locator('.message[data-state="sending"]').count()).toBe(5);
    await page.reload();
    await expectTexts(page, ...numbered(5));
    expect(await page.locator('.message[data-state="sending"]').count()).toBe(5);
    await context.unroute("**/rest/v1/rpc/send_message*");
    await write(page, "Message 6");
    await expect.poll(() => page.locator('.message[data-state="sent"]').count()).toBe(6);
    const { data } = await bob.supabase.from("messages").select("content").eq("room_id", room).order("seq");
    expect(data!.map(({ content }) => content)).toEqual(numbered(6));
    expect(await texts(page)).toEqual(numbered(6));
    await context.close();
  });
});
