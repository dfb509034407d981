import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect, inject } from "vitest";
import { database } from "../support/clients.ts";
import type { User } from "../support/users.ts";
import { newContext, openPage } from "./browser.ts";

const status = inject("status");

/** The URL of the page, which the gateway of a stack serves. */
export const pageUrl = `${status.page_url ?? status.api_url}/`;

/** Creates a direct room of two; returns its id. */
export async function newDirectRoom(one: User, other: User): Promise<number> {
  const { data } = await one.supabase.rpc("create_direct_room", { user_id: other.id }).throwOnError();
  return data.id;
}

/** Creates a group of its owner and others; returns its id. */
export async function newGroup(owner: User, name: string, ...others: User[]): Promise<number> {
  const member_ids = others.map(({ id }) => id);
  const { data } = await owner.supabase.rpc("create_group_room", { name, member_ids }).throwOnError();
  return data.id;
}

/** Sends texts, one after the other. */
export async function send({ supabase }: User, room_id: number, ...texts: string[]): Promise<void> {
  for (const content of texts) await supabase.rpc("send_message", { room_id, content }).throwOnError();
}

/** A browser of a user who has signed in by the form. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  complaints: string[];
}

type VisitOptions = BrowserContextOptions & {
  phone?: boolean;
  path?: string;
  url?: string;
  /** What shows when the user has signed in. */
  ready?: string;
};

/** Opens the page, and signs in. */
export async function visit(
  person: User,
  { path = "", url = pageUrl, ready = ".home", ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await newContext({ locale: "en-GB", ...options });
  const { page, complaints } = await openPage(context);
  await page.goto(url + path);
  await page.locator("input[name=email]").fill(person.email);
  await page.locator("input[name=password]").fill(person.password);
  await page.keyboard.press("Enter");
  await page.locator(ready).waitFor();
  return { context, page, complaints };
}

/** Gives a user a role, and a token that has it. */
export async function appoint({ id, supabase }: User, role: "moderator" | "administrator"): Promise<void> {
  const sql = database();
  const change = sql.json({ parley_role: role });
  await sql`update auth.users set raw_app_meta_data = raw_app_meta_data || ${change} where id = ${id}`;
  await sql.end();
  await supabase.auth.refreshSession();
}

/** How many requests still fail, and how many have failed. */
interface Failing {
  left: number;
  failed: number;
}

/** Answers the next requests to these URLs with 500, instead of the server. */
export async function failing(page: Page, urls: string | RegExp, left: number): Promise<Failing> {
  const requests = { left, failed: 0 };
  await page.route(urls, async (route) => {
    if (requests.left <= 0) return await route.continue();
    requests.left--;
    requests.failed++;
    await route.fulfill({
      status: 500,
      json: { code: "57014", message: "canceling statement due to statement timeout" },
    });
  });
  return requests;
}

export const roomPath = (id: number) => `#/chats/${id}`;

/** The field in which a message is written or edited. */
export const writeLine = (page: Page) => page.getByLabel(/^(Message|Edit message)$/);

/** The texts of the visible messages, in order. */
export const texts = (page: Page) => page.locator(".message .text").allTextContents();

/** Waits until these messages show. */
export async function expectTexts(page: Page, ...expected: string[]): Promise<void> {
  await expect.poll(() => texts(page)).toEqual(expected);
}

/** Reads all messages that are loaded, from the first to the last, as those far from the view are not in the document. */
export async function allTexts(page: Page): Promise<string[]> {
  return await page.locator(".scroller").evaluate(async (scroller) => {
    const found = new Map<number, string>();
    const frame = () => new Promise(requestAnimationFrame);
    scroller.scrollTo(0, 0);
    for (let isEnd = false; !isEnd;) {
      isEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
      for (let count = 0; count < 3; count++) await frame();
      for (const message of scroller.querySelectorAll<HTMLElement>("[data-seq]")) {
        found.set(Number(message.dataset.seq), message.querySelector(".text")?.textContent ?? "");
      }
      scroller.scrollBy(0, 500);
    }
    return [...found].sort(([one], [other]) => one - other).map(([, text]) => text);
  });
}

/** Writes a message, and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await writeLine(page).fill(text);
  await writeLine(page).press("Enter");
}

/** Opens the menu of the message with a text, and picks an item. */
export async function choose(page: Page, text: string, item: string): Promise<void> {
  const message = page.locator(".message", { has: page.locator(".text", { hasText: text }) }).last();
  await message.hover();
  await message.getByRole("button", { name: "Message actions" }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}
