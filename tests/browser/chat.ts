import type { Page } from "playwright-core";
import { uniqueName } from "../support/users.ts";

export const PASSWORD = "correct horse battery";

/** Registers by the form of the pages at `base`, and arrives at the home page. */
export async function register(page: Page, base: string, name: string): Promise<string> {
  const username = uniqueName(name);
  await page.goto(`${base}/accounts/register/`);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.waitForURL(`${base}/`);
  return username;
}

/** The field for a message. */
export const message = (page: Page) => page.getByLabel("Message", { exact: true });

/** Writes a message and presses the button. */
export async function say(page: Page, text: string): Promise<void> {
  await message(page).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

/** The replies of a chat. */
export const replies = (page: Page) => page.getByRole("article", { name: "Assistant" });

/** Waits until that many replies are there and none is still growing. */
export const settled = (page: Page, count: number) =>
  page.waitForFunction(
    (count) => document.querySelectorAll('.reply:not([aria-busy="true"])').length === count,
    count,
  );
