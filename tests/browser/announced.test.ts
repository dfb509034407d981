import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, roomPath, send, visit, write } from "./page.ts";

declare const onAnnounced: (text: string) => void;

inBrowser("a screen reader", () => {
  test("announces each message of others, also repeated or parallel ones, and only the number of many", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "Before");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, "Before");
    // The page keeps the last few only, so the test collects each text when it is added.
    const announced: string[] = [];
    await page.exposeFunction("onAnnounced", (text: string) => announced.push(text));
    await page.getByRole("log").evaluate((log) =>
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) onAnnounced(node.textContent ?? "");
      }).observe(log, { childList: true })
    );
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({ room_id: room, content: `Message ${index + from}` }));
    const sendAtOnce = (from: number, to: number) =>
      ann.supabase.from("messages").insert(many(from, to) as never).throwOnError();

    for (const count of [1, 2]) {
      await send(ann, room, "Hm");
      await expect.poll(() => announced).toEqual(Array(count).fill(`${ann.username}: Hm`));
    }
    await write(page, "Yes?");
    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await sendAtOnce(0, 3);
    await context.setOffline(false);
    const three = [0, 1, 2].map((number) => `${ann.username}: Message ${number}`);
    await expect.poll(() => announced.slice(2)).toEqual(three);

    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await sendAtOnce(3, 40);
    await context.setOffline(false);
    // Some may still arrive a second before the others or after.
    const counts = () => announced.slice(5).map((text) => Number(/^(\d+) new messages$/.exec(text)?.[1] ?? 1));
    await expect.poll(() => counts().reduce((sum, count) => sum + count, 0)).toBe(37);
    expect(Math.max(...counts())).toBeGreaterThan(5);
    await context.close();
  });
});
