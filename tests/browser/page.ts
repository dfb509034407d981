import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect, inject } from "vitest";
import ws from "ws";
import type { Database } from "../../client/sdk/src/contract/database.ts";
import { newContext, openPage } from "./browser.ts";

const status = inject("status");

/** Where the gateway serves the page. */
export const pageUrl = `${status.api_url}/`;

type Client = SupabaseClient<Database, "chat">;

/** Somebody who has signed up, and acts from here as well. */
export interface Person {
  id: string;
  username: string;
  email: string;
  password: string;
  supabase: Client;
}

/** Signs somebody up, under a name that nobody else has; on another stack than that of the tests when one is named. */
export async function newPerson(
  name: string,
  { api_url, publishable_key }: Pick<typeof status, "api_url" | "publishable_key"> = status,
): Promise<Person> {
  const supabase = createClient<Database, "chat">(api_url, publishable_key, {
    db: { schema: "chat" },
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: ws as never },
  });
  const username = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const [email, password] = [`${username}@example.com`, "correct horse battery"];
  const { data, error } = await supabase.auth.signUp({ email, password, options: { data: { username } } });
  if (error) throw error;
  return { id: data.user!.id, username, email, password, supabase };
}

/** A direct room of two; answers its id. */
export async function newDirectRoom(one: Person, other: Person): Promise<number> {
  const { data } = await one.supabase.rpc("create_direct_room", { user_id: other.id }).throwOnError();
  return data.id;
}

/** A group of its owner and others; answers its id. */
export async function newGroup(owner: Person, name: string, ...others: Person[]): Promise<number> {
  const member_ids = others.map(({ id }) => id);
  const { data } = await owner.supabase.rpc("create_group_room", { name, member_ids }).throwOnError();
  return data.id;
}

/** Sends texts, one after the other. */
export async function send({ supabase }: Person, room_id: number, ...texts: string[]): Promise<void> {
  for (const content of texts) await supabase.rpc("send_message", { room_id, content }).throwOnError();
}

/** A browser of somebody who has signed in by the form. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  complaints: string[];
}

type VisitOptions = BrowserContextOptions & { phone?: boolean; path?: string; url?: string };

/** Opens the page, and signs in. */
export async function visit(
  person: Person,
  { path = "", url = pageUrl, ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await newContext({ locale: "en-GB", ...options });
  const { page, complaints } = await openPage(context);
  await page.goto(url + path);
  await page.locator("input[name=email]").fill(person.email);
  await page.locator("input[name=password]").fill(person.password);
  await page.keyboard.press("Enter");
  await page.locator(".home").waitFor();
  return { context, page, complaints };
}

export const roomPath = (id: number) => `#/chats/${id}`;

/** Where a message is written, or changed. */
export const writeLine = (page: Page) => page.getByLabel(/^(Message|Edit message)$/);

/** The texts of the messages that are shown, in order. */
export const texts = (page: Page) => page.locator(".message .text").allTextContents();

/** Waits until these are the messages that are shown. */
export async function expectTexts(page: Page, ...expected: string[]): Promise<void> {
  await expect.poll(() => texts(page)).toEqual(expected);
}

/** Writes a message, and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await writeLine(page).fill(text);
  await writeLine(page).press("Enter");
}

/** Opens the menu of the message with a text, and chooses in it. */
export async function choose(page: Page, text: string, item: string): Promise<void> {
  const message = page.locator(".message", { has: page.locator(".text", { hasText: text }) }).last();
  await message.hover();
  await message.getByRole("button", { name: "Message actions" }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}
