import { expect, test } from "vitest";
import { inBrowser } from "./browser.ts";
import { newPerson, visit } from "./page.ts";

inBrowser("the assistant", () => {
  test("one asks, asks anew, renames, archives and deletes", async () => {
    const { page, context, complaints } = await visit(await newPerson("ann"), { path: "#/talks" });
    const question = "Which tea is <b>best</b>?";
    await page.getByRole("link", { name: "New conversation" }).click();
    await page.getByLabel("Ask the assistant").fill(question);
    await page.getByLabel("Ask the assistant").press("Enter");
    const reply = page.locator('.reply[data-state="sent"]');
    await reply.waitFor();
    expect(await page.locator(".question .text").textContent()).toBe(question);
    expect(await reply.locator(".text").textContent()).toContain(question);
    await page.getByRole("heading", { name: question }).waitFor();
    await page.getByRole("link", { name: question }).waitFor();

    const answers = page.waitForResponse((response) => response.url().includes("/regenerate/"));
    await page.getByRole("button", { name: "Ask again" }).click();
    expect((await answers).status()).toBe(200);
    await expect.poll(() => page.getByRole("button", { name: "Ask again" }).isEnabled()).toBe(true);
    expect(await page.locator(".entry").count()).toBe(2);

    const act = async (item: string) => {
      await page.getByRole("button", { name: "Actions of the conversation" }).click();
      await page.getByRole("menuitem", { name: item }).click();
    };
    await act("Rename");
    await page.getByLabel("Title").fill("All about tea");
    await page.getByRole("button", { name: "Save" }).click();
    const link = page.getByRole("link", { name: "All about tea" });
    await link.waitFor();
    await act("Archive");
    await link.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Archived" }).click();
    await link.waitFor();
    await act("Delete");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("No conversations yet.").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
