// npm run screenshots: pictures of the chat page with some content, into docs/screenshots. Needs a Chromium.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";
import { startAssistant } from "./screenshots/assistant.ts";
import { type Name, QUESTION } from "./screenshots/content.ts";
import { login, makeWorld } from "./screenshots/world.ts";
import { startStack } from "../local/stack_process.ts";

const FOLDER = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const DEVICES = {
  desktop: { viewport: { width: 1200, height: 760 }, deviceScaleFactor: 1.25 },
  phone: { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};
/** A time zone where it is six in the evening now. */
const timezoneId = (() => {
  const ahead = (18 - new Date().getUTCHours() + 36) % 24 - 12;
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
})();
const THEMES = ["light", "dark"] as const;

async function shoot(page: Page, name: string): Promise<Uint8Array> {
  // Until presence has arrived and everything has been drawn.
  await page.waitForTimeout(1_000);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.waitForTimeout(500);
  const picture = await small(page, await page.screenshot());
  await writeFile(`${FOLDER}${name}.webp`, picture);
  console.log(`${name}.webp: ${(picture.length / 1024).toFixed(0)} kB`);
  return picture;
}

/** The picture as WebP, made by the browser. */
async function small(page: Page, png: Uint8Array, quality = 0.77): Promise<Uint8Array> {
  const blank = await page.context().browser()!.newPage();
  const base64 = await blank.evaluate(async ({ source, quality }) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d")!.drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", quality).split(",")[1]!;
  }, { source: Buffer.from(png).toString("base64"), quality });
  await blank.close();
  return Buffer.from(base64, "base64");
}

/** One picture of a desktop with a phone in front of it, for the README. */
async function together(browser: Browser, desktop: Uint8Array, phone: Uint8Array): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 700 } });
  const source = (picture: Uint8Array) => `data:image/webp;base64,${Buffer.from(picture).toString("base64")}`;
  await page.setContent(`<style>
    body { margin: 0 } img { position: absolute; border-radius: 14px; box-shadow: 0 0 0 1px #8883, 0 12px 40px #0004 }
  </style><img src="${source(desktop)}" style="left: 20px; top: 20px; width: 1000px">
  <img src="${source(phone)}" style="right: 20px; bottom: 24px; width: 290px; border-radius: 26px">`);
  const png = await page.screenshot({ omitBackground: true });
  await writeFile(`${FOLDER}page.webp`, await small(page, png, 0.8));
}

type Device = keyof typeof DEVICES;

/** A browser page of a signed-in user. */
async function visit(browser: Browser, url: string, who: Name, device: Device, colorScheme: "light" | "dark") {
  const context = await browser.newContext({ ...DEVICES[device], colorScheme, timezoneId, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator("input[name=email]").fill(login(who).email);
  await page.locator("input[name=password]").fill(login(who).password);
  await page.keyboard.press("Enter");
  await page.locator(".home").waitFor();
  return page;
}

async function main(path: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const assistant = await startAssistant();
  const { status, stop } = await startStack({ env: { RESPONDER_URL: assistant.url, RESPONDER_MODEL: "pictures" } });
  const browser = await chromium.launch({ executablePath: path, args: ["--disable-dev-shm-usage"] });
  try {
    const { room, newConversation } = await makeWorld(status, await browser.newPage());
    const url = `${status.api_url}/`;
    const maya = await visit(browser, `${url}#/chats/${room}`, "Maya", "desktop", "light");
    const shots = new Map<string, Uint8Array>();
    for (const device of ["desktop", "phone"] as const) {
      for (const theme of THEMES) {
        const page = await visit(browser, url, "Anna", device, theme);
        const save = async (name: string) =>
          shots.set(`${name}-${device}-${theme}`, await shoot(page, `${name}-${device}-${theme}`));
        await page.getByText("Hiking on Saturday").first().waitFor();
        await save("inbox");
        await page.goto(`${url}#/chats/${room}`);
        await page.locator(".message").last().waitFor();
        await maya.getByLabel("Message", { exact: true }).pressSequentially("And ");
        await save("room");
        await page.goto(`${url}#/conversations/${await newConversation()}`);
        await page.locator(".entry").last().waitFor();
        await page.locator("textarea").fill(QUESTION);
        await page.getByRole("button", { name: "Send", exact: true }).click();
        await page.locator(".entry").last().getByText("Expires").waitFor();
        await save("assistant");
        await page.context().close();
      }
    }
    await together(browser, shots.get("room-desktop-light")!, shots.get("room-phone-dark")!);
  } finally {
    await browser.close();
    await stop();
    assistant.stop();
  }
}

const path = findChromium();
if (!path) {
  console.error("There is no Chromium; install one, or name it by CHROMIUM=path.");
  process.exit(1);
}
await main(path);
