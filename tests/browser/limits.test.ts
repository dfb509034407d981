import { expect, test } from "vitest";
import { FILE_LIMITS, LIMITS as PAGE_LIMITS } from "../../client/web/src/core/limits.ts";
import { LIMITS } from "../../functions/_shared/base/limits.ts";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { expectTexts, newDirectRoom, roomPath, visit, writeLine } from "./page.ts";

// The limits of the APIs are compared with the database elsewhere.
test("the page's limits are those of the APIs", () => {
  expect(PAGE_LIMITS).toEqual({
    message: LIMITS["messages.content"],
    question: LIMITS["conversation_messages.content"],
    roomName: LIMITS["rooms.name"],
    roomDescription: LIMITS["rooms.description"],
    lockedReason: LIMITS["rooms.locked_reason"],
    conversationTitle: LIMITS["conversations.title"],
    username: LIMITS["profiles.username"],
    personName: LIMITS["profiles.first_name"],
    bio: LIMITS["profiles.bio"],
  });
});

test("the page's limit of files is that of the database", async () => {
  const sql = database();
  const [found] = await sql`
    select file_size_limit as bucket, chat_private.file_bytes() as announced from storage.buckets where id = 'chat-files'`;
  expect([Number(found!.bucket), Number(found!.announced)]).toEqual([FILE_LIMITS.bytes, FILE_LIMITS.bytes]);
  await sql.end();
});

inBrowser("text over a limit", () => {
  test("a message that is too long stays as pasted, with the number of characters too many", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const { page, context } = await visit(ann, { path: roomPath(await newDirectRoom(ann, bob)) });
    const long = "👍".repeat(PAGE_LIMITS.message + 3);
    await writeLine(page).fill(long);
    await page.getByText("3 characters over the limit of 10000.").waitFor();
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    await writeLine(page).press("Enter");
    expect(await writeLine(page).inputValue()).toBe(long);
    const fitting = "👍".repeat(PAGE_LIMITS.message);
    await writeLine(page).fill(fitting);
    await writeLine(page).press("Enter");
    await expectTexts(page, fitting);
    await context.close();
  });

  test("a name that is too long is not accepted, with the number of characters too many", async () => {
    const { page, context } = await visit(await newUser("ann"));
    await page.getByRole("button", { name: "New group" }).click();
    const field = page.getByLabel("Group name");
    await field.fill("n".repeat(PAGE_LIMITS.roomName + 1));
    await page.getByText("1 character over the limit of 255.").waitFor();
    await page.getByRole("button", { name: "Create group" }).click();
    expect(await field.inputValue()).toHaveLength(PAGE_LIMITS.roomName + 1);
    await field.fill("n".repeat(PAGE_LIMITS.roomName));
    await page.getByRole("button", { name: "Create group" }).click();
    await page.locator(".room-main").waitFor();
    await context.close();
  });
});
