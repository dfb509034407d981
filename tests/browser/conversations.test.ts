import { afterAll, beforeAll, expect, test } from "vitest";
import { ResponderStack } from "../api/chat-sessions/responder_stack.ts";
import { answers, says, saysSlowly, stalls } from "../support/endpoint.ts";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { visit } from "./page.ts";

inBrowser("the assistant", () => {
  test("a user asks, regenerates, renames, archives and deletes", async () => {
    const { page, context, complaints } = await visit(await newUser("ann"), { path: "#/conversations" });
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
    await page.getByRole("button", { name: "Regenerate" }).click();
    expect((await answers).status()).toBe(200);
    await expect.poll(() => page.getByRole("button", { name: "Regenerate" }).isEnabled()).toBe(true);
    expect(await page.locator(".entry").count()).toBe(2);

    const act = async (item: string) => {
      await page.getByRole("button", { name: "Conversation actions" }).click();
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

inBrowser("the filter of conversations", () => {
  test("finds one by its title among all, even if it is older than those loaded", async () => {
    const ann = await newUser("ann");
    const titles = ["Hiking in the Alps", ...Array.from({ length: 60 }, (_, number) => `About tea ${number}`)];
    for (const title of titles) await ann.supabase.from("conversations").insert({ title }).throwOnError();
    const { page, context } = await visit(ann, { path: "#/conversations" });
    const links = page.locator("a.item");
    await expect.poll(() => links.count()).toBe(50);
    await page.getByLabel("Search conversations").fill(" ALPS");
    await expect.poll(() => links.allTextContents()).toEqual([expect.stringContaining("Hiking in the Alps")]);
    await page.getByLabel("Search conversations").fill("about tea");
    await expect.poll(() => links.count()).toBe(50);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => links.count()).toBe(60);
    await page.getByLabel("Search conversations").fill("coffee");
    await page.getByText("Nothing found.").waitFor();
    expect(await links.count()).toBe(0);
    await page.getByLabel("Search conversations").fill("");
    await expect.poll(() => links.count()).toBeGreaterThan(49);
    await context.close();
  });
});

inBrowser("an assistant behind an endpoint", () => {
  let stack: ResponderStack;
  beforeAll(async () => {
    stack = await ResponderStack.start();
  });
  afterAll(() => stack?.stop());

  test("its reply shows as it grows, can be stopped, and can be regenerated", async () => {
    const url = `${stack.status.api_url}/`;
    const { page, context } = await visit(await newUser("ann", stack.status), { url, path: "#/conversations/new" });
    stack.endpoint.next.push(stalls("Coffee ", "is "));
    await page.getByLabel("Ask the assistant").fill("What is coffee?");
    await page.getByLabel("Ask the assistant").press("Enter");
    const reply = page.locator(".reply .text");
    await expect.poll(() => reply.textContent()).toBe("Coffee is ");
    await page.getByText("The assistant is writing …").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await stack.endpoint.asked.at(-1)!.closed;
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    await page.locator('.reply[data-state="sent"]').waitFor();
    expect((await reply.textContent())!.trim()).toBe("Coffee is");
    await page.getByText("This reply was cut short.").waitFor();

    stack.endpoint.next.push(says("a ", "drink."));
    await page.getByRole("button", { name: "Continue" }).click();
    await expect.poll(() => reply.textContent()).toBe("Coffee is a drink.");
    await page.getByText("This reply was cut short.").waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Regenerate" }).click();
    await expect.poll(() => reply.textContent()).toBe("Tea is a drink.");
    await page.reload();
    await expect.poll(() => reply.textContent()).toBe("Tea is a drink.");
    await context.close();
  });

  test("a reply continues while the page reloads, and can be stopped on another device", async () => {
    const url = `${stack.status.api_url}/`;
    const ann = await newUser("ann", stack.status);
    const { page, context } = await visit(ann, { url, path: "#/conversations/new" });
    const words = Array.from({ length: 600 }, (_, index) => `word${index} `);
    stack.endpoint.next.push(saysSlowly(100, ...words));
    await page.getByLabel("Ask the assistant").fill("Tell me everything");
    await page.getByLabel("Ask the assistant").press("Enter");
    const reply = page.locator(".reply .text");
    for (let reload = 0; reload < 3; reload++) {
      const before = (reload + 1) * 3;
      await expect.poll(async () => (await reply.textContent())!.split(" ").length).toBeGreaterThan(before);
      expect(words.join("").startsWith((await reply.textContent())!)).toBe(true);
      await page.reload();
    }
    const phone = await visit(ann, { url, path: page.url().slice(url.length) });
    await phone.page.getByRole("button", { name: "Stop" }).click();
    for (const each of [page, phone.page]) await each.locator('.reply[data-state="sent"]').waitFor();
    expect(await reply.textContent()).toBe(await phone.page.locator(".reply .text").textContent());
    await page.getByText("This reply was cut short.").waitFor();
    await Promise.all([context.close(), phone.context.close()]);
  });

  test("a failed reply can be requested again", async () => {
    const url = `${stack.status.api_url}/`;
    const { page, context } = await visit(await newUser("ann", stack.status), { url, path: "#/conversations/new" });
    stack.endpoint.next.push(answers(400, "{}"));
    await page.getByLabel("Ask the assistant").fill("What is tea?");
    await page.getByLabel("Ask the assistant").press("Enter");
    const failed = page.locator('.reply[data-state="failed"]');
    await failed.getByText("The assistant did not reply.").waitFor();
    await expect.poll(() => page.locator(".entry").count()).toBe(2);
    await failed.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => page.locator(".reply .text").textContent()).toBe("Tea is a drink.");
    expect(await page.locator(".question").count()).toBe(1);
    await context.close();
  });
});

inBrowser("the search of conversations", () => {
  test("finds what was said, marks it, and jumps to it, however long ago it was", async () => {
    const ann = await newUser("ann");
    const { data: { id } } = await ann.supabase.from("conversations").insert({ title: "Journeys" }).select().single()
      .throwOnError();
    const say = (content: string) => ({ conversation_id: id, role: "user", content });
    const first = [say("The **Zambezi** begins in Zambia, and flows for 2,574 kilometres to the Indian Ocean.")];
    await ann.supabase.from("conversation_messages").insert(first).throwOnError();
    const later = Array.from({ length: 130 }, (_, number) => say(`Filler ${number}`));
    await ann.supabase.from("conversation_messages").insert(later).throwOnError();

    const { page, context, complaints } = await visit(ann, { path: "#/conversations" });
    await page.getByLabel("Search conversations").fill("zambezi");
    const found = page.locator("a.item", { has: page.locator("mark") });
    await found.waitFor();
    expect(await found.locator(".item-name").textContent()).toBe("Journeys");
    expect(await found.locator("mark").textContent()).toBe("Zambezi");
    await expectAccessible(page);
    await found.click();
    const entry = page.locator(".entry", { hasText: "Zambezi" });
    await expect.poll(() => entry.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => page.locator(".entry").count()).toBe(131);
    const box = (await entry.boundingBox())!;
    const view = (await page.locator(".scroller").boundingBox())!;
    expect(box.y >= view.y && box.y < view.y + view.height).toBe(true);

    await page.getByText("Filters").click();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel("Since").fill(tomorrow);
    await page.getByText("Nothing found").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("shows the year of what was said in another year", async () => {
    const ann = await newUser("ann");
    const { data: { id } } = await ann.supabase.from("conversations").insert({ title: "Old days" }).select().single()
      .throwOnError();
    const sql = database();
    await sql`
      insert into chat.conversation_messages (conversation_id, role, content, created_at)
      values (${id}, 'user', 'Remember the flood', '2019-05-04')`;
    await sql.end();
    const { page, context } = await visit(ann, { path: "#/conversations" });
    await page.getByLabel("Search conversations").fill("flood");
    await expect.poll(() => page.locator("a.item", { has: page.locator("mark") }).locator(".item-time").textContent())
      .toContain("2019");
    await context.close();
  });
});
