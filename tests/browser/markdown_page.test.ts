import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResponderStack } from "../api/chat-sessions/responder_stack.ts";
import { parse } from "../../client/web/src/markdown/parser.ts";
import { saysSlowly } from "../support/endpoint.ts";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { newDirectRoom, newGroup, roomPath, send, visit, write } from "./page.ts";

const DIST = fileURLToPath(new URL("../../client/web/dist/", import.meta.url));

test("the first load of the page weighs less than 120 kB", async () => {
  const html = await readFile(`${DIST}index.html`, "utf8");
  const wanted = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
  const files = new Map<string, string>();
  for (const path of wanted) {
    if (files.has(path)) continue;
    const code = await readFile(DIST + path, "utf8");
    files.set(path, code);
    // What a script imports by itself; `import()` comes later.
    for (const [, name] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) wanted.push(`assets/${name}`);
  }
  const sizes = [html, ...files.values()].map((text) => gzipSync(text).length);
  expect(files.size).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(120_000);
});

const lastText = (page: Page) => page.locator(".message .text").last();
const EVERYTHING = [
  "**bold** *italic* ~~gone~~ `code` [docs](https://evil.example/x)",
  "> said",
  "",
  "- [x] done",
  "- [ ] open",
  "",
  "3. three",
  "4. four",
  "",
  "| a | b |",
  "|---|--:|",
  "| 1 | 2 |",
  "```ts",
  "const one = 1;",
  "```",
  "end",
].join("\n");

inBrowser("Markdown in a room", () => {
  test("shows as elements, and as plain text in lists and to screen readers", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    await send(bob, room, EVERYTHING);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const text = lastText(page);
    await text.locator("strong").waitFor();
    const has = (selector: string) => text.locator(selector).allTextContents();
    expect(await has("strong, em, s, code:not(pre *)")).toEqual(["bold", "italic", "gone", "code"]);
    expect(await has("blockquote, ol > li, th, td")).toEqual(["said", "three", "four", "a", "b", "1", "2"]);
    expect(await text.locator("ol > li").first().evaluate((item) => (item as HTMLLIElement).value)).toBe(3);
    expect(await text.getByRole("checkbox", { name: "Done", exact: true }).isChecked()).toBe(true);
    await text.locator("pre .hljs-keyword", { hasText: "const" }).waitFor();
    const link = text.getByRole("link");
    expect(await link.evaluate((link) => getComputedStyle(link, "::after").content)).toContain("evil.example");
    expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    const copied = page.getByRole("status").getByText("Copied.");
    await text.getByRole("button", { name: "Copy code" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("const one = 1;");
    // A notice takes the place of one that says the same, and does not wait until that one goes after six seconds.
    const first = await copied.elementHandle();
    await text.getByRole("button", { name: "Copy code" }).click();
    await first!.waitForElementState("hidden", { timeout: 4_000 });
    expect(await copied.count()).toBe(1);
    await expectAccessible(page);

    expect(await page.locator("a.item .item-text").textContent()).toMatch(/^bold italic gone code docs\s+said/);
    await send(bob, room, "**really** `now`");
    await page.getByRole("log").getByText(`${bob.username}: really now`).waitFor({ state: "attached" });
    await page.getByLabel("Search people and messages").fill("really");
    await page.locator("a.item", { hasText: "really now" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("that a person writes is sent as typed, and shows at once", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await write(page, "2 * 3 * 4 is **24**");
    await page.locator(".message strong", { hasText: "24" }).waitFor();
    await expect.poll(async () => (await bob.supabase.from("messages").select("content").eq("room_id", room)).data)
      .toEqual([{ content: "2 * 3 * 4 is **24**" }]);
    await context.close();
  });

  test("of 10,000 characters shows in less than half a second", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.getByLabel("Message", { exact: true }).waitFor();
    const took = page.evaluate(() =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) if (duration > 500) resolve(duration);
        }).observe({ type: "longtask", buffered: false });
        new MutationObserver(() => document.querySelector(".message strong") && setTimeout(() => resolve(0), 1_000))
          .observe(document.body, { childList: true, subtree: true });
      })
    );
    await send(bob, room, "**a** _b_ `c` https://d.example\n".repeat(320).slice(0, 10_000));
    expect(await took).toBe(0);
    await context.close();
  });
});

/** Pieces of what attacks pages that show Markdown. */
const HOSTILE = [
  "javascript:__hit()",
  "JaVaScRiPt:__hit()",
  "java\tscript:__hit()",
  "\u0001javascript:__hit()",
  "javascript&colon;__hit()",
  "&#106;avascript:__hit()",
  "%6Aavascript:__hit()",
  "data:text/html,<script>__hit()</script>",
  "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9Il9faGl0KCkiLz4=",
  "vbscript:__hit()",
  "blob:https://a.example/x",
  "file:///etc/passwd",
  "//evil.example",
  'https://a.example/" onmouseover="__hit()',
  "https://a.example/'onclick='__hit()",
  "https://a.example/`x`",
  "https://user@evil.example:99999",
  "http://[::1",
  "https://\u202egro.elpmaxe",
  "mailto:a@b.example?subject=<script>",
  "<script>__hit()</script>",
  "<img src=x onerror=__hit()>",
  "<svg onload=__hit()><a xlink:href=javascript:__hit()>",
  "<svg><script>__hit()</script></svg>",
  "<iframe srcdoc='<script>parent.__hit()</script>'>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=__hit()>",
  "<a href=javascript:__hit()>x</a>",
  "<style>@import'//evil.example'</style>",
  "<!--><script>__hit()</script-->",
  "<details open ontoggle=__hit()>",
  "{{constructor.constructor('__hit()')()}}",
  "__proto__",
  "constructor",
  "\u0000",
  "\ufeff",
  "\u2028",
  "\u202e",
  "\ud800",
  "&lt;script&gt;",
  "&#x3c;script>",
];
const FRAMES = [
  "%",
  "[x](%)",
  "[x](<%>)",
  '[x](% "%")',
  "![x](%)",
  "![%](%)",
  "[%](https://a.example)",
  "[[x](%)](%)",
  "[![x](%)](%)",
  "[x]: %\n[x]",
  "<%>",
  "**%**",
  "`%`",
  "```%\n%\n```",
  "~~~% onload=__hit()\n%\n~~~",
  "> %\n- %",
  "1. %\n2. [x](%)",
  "| % | % |\n|:-:|---|\n| [x](%) | % |",
  "- [x] %\n- [ ] %",
  "# %",
  "https://a.example/%",
  "www.%",
  "*%_%*_",
];

/** Texts of a few hostile inputs each. */
function hostileTexts(count: number, seed: number): string[] {
  const piece = fc.tuple(
    fc.constantFrom(...FRAMES),
    fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 8 })), { minLength: 1, maxLength: 4 }),
  )
    .map(([frame, parts]) => {
      let at = 0;
      return frame.replaceAll("%", () => parts[at++ % parts.length]!);
    });
  // Postgres has no place for these two.
  return fc.sample(piece, { numRuns: count, seed }).map((text) => text.replaceAll("\0", "\ufffd").toWellFormed());
}

/** Whether a text ends what it begins: a fence that stays open would hide what follows. */
const isClosed = (text: string): boolean => parse(`${text}\n\nend`, "document").at(-1)?.type === "paragraph";

/** What the page has made of texts that it should not have. */
const findings = (page: Page) =>
  page.evaluate(() => {
    const elements =
      "A BLOCKQUOTE BUTTON CODE DIV EM H2 H3 H4 H5 H6 HR INPUT LI OL P PATH PRE S SPAN STRONG SVG TABLE TBODY TD TH THEAD TR UL"
        .split(" ");
    const attributes =
      "aria-hidden aria-label checked class d data-align data-host dir disabled focusable href rel role tabindex target title type value viewbox"
        .split(" ");
    const found: string[] = [];
    let count = 0;
    for (const element of document.querySelectorAll(".text *")) {
      count++;
      const isKnown = elements.includes(element.tagName.toUpperCase());
      const unknown = [...element.attributes].filter(({ name }) => !attributes.includes(name.toLowerCase()));
      const href = element.getAttribute("href");
      const isSafe = href === null || /^(https?:|mailto:|#\/)/i.test(href) &&
          /^(https?|mailto):$/.test((element as HTMLAnchorElement).protocol);
      const isOurs = !element.closest("a") || element.closest("a")!.rel === "noopener noreferrer nofollow" ||
        element.closest("a")!.getAttribute("href")!.startsWith("#/");
      if (!isKnown || unknown.length > 0 || !isSafe || !isOurs) found.push(element.outerHTML);
    }
    return { found, count, hits: (globalThis as { hits?: number }).hits ?? 0 };
  });

/** Counts the scripts that run, and the requests that leave. */
async function watch(page: Page): Promise<string[]> {
  const left: string[] = [];
  page.on("request", (request) => {
    if (!/^(http|ws)s?:\/\/(127\.0\.0\.1|localhost)[:/]/.test(request.url())) left.push(request.url());
  });
  page.on("dialog", (dialog) => left.push(dialog.message()));
  await page.evaluate(() => {
    Object.assign(globalThis, { hits: 0, __hit: () => (globalThis as unknown as { hits: number }).hits++ });
  });
  return left;
}

inBrowser("hostile texts", () => {
  let stack: ResponderStack;
  beforeAll(async () => void (stack = await ResponderStack.start()));
  afterAll(() => stack?.stop());
  const seed = Date.now();

  test("run nothing and become nothing but text in a room: 3,000 of them", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Hostile", bob);
    const hostile = hostileTexts(3_000, seed);
    const closed = hostile.filter(isClosed);
    const texts = Array.from({ length: 120 }, (_, index) => closed.slice(index * 25, index * 25 + 25).join("\n\n"));
    const open = hostile.filter((text) => !isClosed(text) && text.trim() !== "").slice(0, 15);
    await send(bob, room, ...[...texts, ...open].filter(Boolean).map((text) => text.slice(0, 10_000)));
    const { page, context, complaints } = await visit(ann);
    const left = await watch(page);
    let [seen, elements] = [0, 0];
    for (const seq of [25, 60, 95]) {
      await page.evaluate((path) => void (location.hash = path), `${roomPath(room)}/${seq}`);
      await page.locator(`[data-seq="${seq}"] .text`).waitFor();
      await page.waitForTimeout(500);
      const { found, count, hits } = await findings(page);
      expect({ found, hits, seed }).toEqual({ found: [], hits: 0, seed });
      elements += count;
      seen = Math.max(seen, await page.locator(".message").count());
    }
    expect(seen).toBeGreaterThan(49);
    expect(elements).toBeGreaterThan(3_000);
    expect([...left, ...complaints]).toEqual([]);
    await context.close();
  });

  test("run nothing in a reply while it grows: 2,000 of them", async () => {
    const person = await newUser("ann", stack.status);
    const { page, context, complaints } = await visit(person, {
      url: `${stack.status.api_url}/`,
      path: "#/conversations/new",
    });
    const left = await watch(page);
    const parts = hostileTexts(2_000, seed + 1).filter(isClosed).map((text) => `${text}\n\n`);
    stack.endpoint.next.push(saysSlowly(1, ...parts));
    await page.getByLabel("Ask the assistant").fill("Attack");
    await page.getByLabel("Ask the assistant").press("Enter");
    const reply = page.locator('.reply[data-state="sent"]');
    for (let isOver = false; !isOver;) {
      isOver = await reply.count() > 0;
      const { found, hits } = await findings(page);
      expect({ found, hits, seed }).toEqual({ found: [], hits: 0, seed });
      // Looking through the whole page again and again would slow down what it shows.
      await page.waitForTimeout(100);
    }
    expect((await findings(page)).count).toBeGreaterThan(1_000);
    expect([...left, ...complaints]).toEqual([]);
    await context.close();
  });

  test("a reply of 100 kB keeps its first elements while it grows, and the page stays quick", async () => {
    const person = await newUser("ann", stack.status);
    const { page, context } = await visit(person, { url: `${stack.status.api_url}/`, path: "#/conversations/new" });
    const part =
      "Some **bold** words, `code`, and a [link](https://a.example).\n\n- one\n- two\n\n```ts\nlet a = 1;\n```\n\n";
    const parts = Array.from({ length: 850 }, (_, index) => `## Part ${index}\n\n${part}`);
    stack.endpoint.next.push(saysSlowly(2, ...parts.flatMap((text) => [text.slice(0, 60), text.slice(60)])));
    await page.getByLabel("Ask the assistant").fill("Everything");
    await page.getByLabel("Ask the assistant").press("Enter");
    await page.locator(".reply h2", { hasText: "Part 3" }).first().waitFor();
    const first = await page.locator(".reply h2").first().elementHandle();
    const longest = await longestTask(page, async () => {
      await page.locator('.reply[data-state="sent"] h2', { hasText: "Part 849" }).waitFor({ timeout: 50_000 });
    });
    expect(await first!.evaluate((element) => element.isConnected)).toBe(true);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(500);
    await context.close();
  });
});

/** The milliseconds of processor time of the longest task while something happens: the clock would count other programs too. */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: { name: string; tdur?: number }[];
  };
  const tasks = traceEvents.filter(({ name }) => name === "RunTask").map(({ tdur = 0 }) => tdur / 1_000);
  return tasks.reduce((longest, task) => Math.max(longest, task), 0);
}
