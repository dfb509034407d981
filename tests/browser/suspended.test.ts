import { expect, inject, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, send, visit } from "./page.ts";

/** The page notices by itself, as the topic of the room moves. */
const MAX_MS = 5000;

const service = client({ key: inject("status").secret_key });

inBrowser("a person who is suspended", () => {
  test("sees until when and why, and the chats again when it is lifted", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Tea", bob);
    await send(ann, room, "Before");
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await page.getByText("Before", { exact: true }).waitFor();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await service.from("suspensions").insert({ user_id: bob.id, until, reason: "Too many advertisements." })
      .throwOnError();
    await page.getByRole("heading", { name: "Your account is suspended" }).waitFor({ timeout: MAX_MS });
    const text = await page.getByRole("main").textContent();
    expect(text).toContain("Reason: Too many advertisements.");
    expect(text).toMatch(/Until .*\d\d:\d\d/);
    await send(ann, room, "Not for Bob");
    expect(await page.getByText("Not for Bob").count()).toBe(0);
    await service.from("suspensions").delete().eq("user_id", bob.id).throwOnError();
    // The page asks again when it is reloaded, and once a minute.
    await page.reload();
    await page.getByText("Not for Bob", { exact: true }).waitFor();
    await context.close();
  });

  test("signs in again after the session has ended elsewhere", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Coffee", bob);
    const { page, context } = await visit(bob, { path: roomPath(room) });
    await page.getByText("Coffee").first().waitFor();
    const sql = database();
    await sql`delete from auth.refresh_tokens where user_id = ${bob.id}`;
    await sql`delete from auth.sessions where user_id = ${bob.id}`;
    await sql.end();
    await page.getByLabel("Password").waitFor({ timeout: MAX_MS });
    await context.close();
  });
});
