import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResponderStack } from "../api/chat-sessions/responder_stack.ts";
import { answers, says, saysSlowly, stalls } from "../support/endpoint.ts";
import { inBrowser, newContext, openPage } from "./browser.ts";
import { message, register, replies, say, settled } from "./chat.ts";

inBrowser("replies of an endpoint, on the pages of chat-sessions", () => {
  let stack: ResponderStack, base: string;
  beforeAll(async () => {
    stack = await ResponderStack.start();
    base = `${stack.status.api_url}/functions/v1/chat-sessions`;
  });
  afterAll(() => stack?.stop());

  /** The page of a chat that already has one reply. */
  async function talking(hasScripts = true): Promise<Page> {
    const { page } = await openPage(await newContext({ javaScriptEnabled: hasScripts }));
    await register(page, base, "ann");
    await say(page, "Hello");
    await page.waitForURL(`${base}/chat/*/`);
    await replies(page).getByText("Tea is a drink.").waitFor();
    return page;
  }

  test("show as they grow, can be stopped, and can be requested again", async () => {
    const page = await talking();
    stack.endpoint.next.push(stalls("Coffee ", "is "));
    await say(page, "What is coffee?");
    const reply = replies(page).nth(1);
    await reply.getByText("Coffee is", { exact: true }).waitFor();
    expect(await reply.getAttribute("aria-busy")).toBe("true");
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);

    await reply.getByRole("button", { name: "Stop" }).click();
    await reply.getByText("You stopped this reply.").waitFor();
    await stack.endpoint.asked.at(-1)!.closed;
    await expect.poll(async () => {
      await page.reload();
      return await reply.innerText();
    }).toMatch(/^Coffee is\s+This reply was cut short\.\s+Continue\s+Try again$/);

    await reply.getByRole("button", { name: "Try again" }).click();
    await settled(page, 2);
    expect(await reply.innerText()).toBe("Tea is a drink.");
    await page.context().close();
  });

  test("continue while the page reloads, and can be stopped from another page", async () => {
    const page = await talking();
    const words = Array.from({ length: 600 }, (_, index) => `word${index} `);
    stack.endpoint.next.push(saysSlowly(100, ...words));
    await say(page, "Tell me everything");
    const reply = replies(page).nth(1);
    const shown = async () => (await reply.locator(".text").textContent())!;
    for (let reload = 0; reload < 3; reload++) {
      const before = (reload + 1) * 3;
      await expect.poll(async () => (await shown()).split(" ").length).toBeGreaterThan(before);
      expect(words.join("").startsWith(await shown())).toBe(true);
      await page.reload();
    }
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect.poll(async () => (await replies(other).nth(1).locator(".text").textContent())!.length).toBeGreaterThan(
      9,
    );
    await replies(other).nth(1).getByRole("button", { name: "Stop" }).click();
    for (const each of [page, other]) await settled(each, 2);
    expect(await shown()).toBe(await replies(other).nth(1).locator(".text").textContent());
    await reply.getByText("This reply was cut short.").waitFor();

    stack.endpoint.next.push(says("and so on."));
    const begun = await shown();
    await reply.getByRole("button", { name: "Continue" }).click();
    await expect.poll(shown).toBe(`${begun}and so on.`);
    await settled(page, 2);
    expect(await reply.getByRole("button").count()).toBe(0);
    await page.context().close();
  });

  test("without scripts, the page says that a reply is being written, shows its text so far, and can stop it", async () => {
    const page = await talking();
    stack.endpoint.next.push(stalls("Tea ", "is "));
    await say(page, "What is tea?");
    await replies(page).nth(1).getByText("Tea is", { exact: true }).waitFor();
    const plain = await newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
    const { page: other } = await openPage(plain);
    await other.goto(page.url());
    await replies(other).nth(1).getByText("The reply is being written.").waitFor();
    await replies(other).nth(1).getByRole("button", { name: "Stop" }).click();
    await replies(other).nth(1).getByText("This reply was cut short.").waitFor();
    await settled(page, 2);
    for (const each of [page, other]) await each.context().close();
  });

  test("a message sent twice at once begins one chat, and is cleared from the home page", async () => {
    const { page } = await openPage(await newContext());
    await register(page, base, "ann");
    await message(page).fill("Hello");
    await message(page).evaluate((field: HTMLTextAreaElement) => {
      for (let times = 0; times < 2; times++) field.form!.requestSubmit();
    });
    await page.waitForURL(`${base}/chat/*/`);
    await replies(page).getByText("Tea is a drink.").waitFor();
    expect(await page.getByRole("navigation").getByRole("link").count()).toBe(1);
    await page.goBack();
    expect(await message(page).inputValue()).toBe("");
    await say(page, "Hello again");
    await page.waitForURL(`${base}/chat/*/`);
    await page.context().close();
  });

  test.each([true, false])("that fail leave the message, and a way to retry; with scripts: %s", async (hasScripts) => {
    const page = await talking(hasScripts);
    stack.endpoint.next.push(answers(400, "{}"));
    await say(page, "And now?");
    const reply = replies(page).nth(1);
    const refusal = hasScripts ? "The assistant could not reply, try again." : "There is no reply yet.";
    await reply.getByText(refusal, { exact: true }).waitFor();
    expect(await page.locator(".mine .text").allInnerTexts()).toEqual(["Hello", "And now?"]);
    await reply.getByRole("button", { name: "Try again" }).click();
    await reply.getByText("Tea is a drink.").waitFor();
    await page.context().close();
  });

  test("a message that could not be sent stays in its field, and is sent once", async () => {
    const page = await talking();
    await page.context().setOffline(true);
    await say(page, "Are you there?");
    await page.getByRole("alert").getByText("The server cannot be reached. Try again.").waitFor();
    expect([await message(page).inputValue(), await replies(page).count()]).toEqual(["Are you there?", 1]);
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Send" }).click();
    await settled(page, 2);
    expect(await page.locator(".mine .text").allInnerTexts()).toEqual(["Hello", "Are you there?"]);
    await page.context().close();
  });

  test("a message edited after its response was lost is another message", async () => {
    const page = await talking();
    await page.route("**/send/", async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await say(page, "Are you there?");
    await page.getByRole("alert").getByText("The server cannot be reached. Try again.").waitFor();
    await say(page, "Are you there now?");
    await settled(page, 2);
    await page.reload();
    const said = ["Hello", "Are you there?", "Are you there now?"];
    expect(await page.locator(".mine .text").allInnerTexts()).toEqual(said);
    await page.context().close();
  });
});
