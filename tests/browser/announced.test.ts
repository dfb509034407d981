import { expect, test } from "vitest";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, newPerson, roomPath, send, visit, write } from "./page.ts";

inBrowser("a screen reader", () => {
  test("is told each message of others, also the same twice or several at once, and only the number of many", async () => {
    const [ann, bob] = await Promise.all([newPerson("ann"), newPerson("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(ann, room, "Before");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await expectTexts(page, "Before");
    const told = () => page.getByRole("log").getByRole("paragraph").allTextContents();
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({ room_id: room, content: `Message ${index + from}` }));
    const sendAtOnce = (from: number, to: number) =>
      ann.supabase.from("messages").insert(many(from, to) as never).throwOnError();

    for (const count of [1, 2]) {
      await send(ann, room, "Hm");
      await expect.poll(told).toEqual(Array(count).fill(`${ann.username}: Hm`));
    }
    await write(page, "Yes?");
    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await sendAtOnce(0, 3);
    await context.setOffline(false);
    const three = [0, 1, 2].map((number) => `${ann.username}: Message ${number}`);
    await expect.poll(async () => (await told()).slice(2)).toEqual(three);

    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await sendAtOnce(3, 40);
    await context.setOffline(false);
    // An event or two may still arrive one by one.
    await expect.poll(async () => {
      const texts = (await told()).slice(5);
      const [, rest] = /^(\d+) new messages$/.exec(texts.at(-1) ?? "") ?? [];
      return Number(rest) + texts.length - 1;
    }).toBe(37);
    await context.close();
  });
});
