import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, inject } from "vitest";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Where the functions are reached. */
export const functionsUrl = inject("status").functions_url;

let browser: Browser | undefined;

/** Tests in a real browser, which is started once for a file; skipped, loudly, on machines without one. */
export function inBrowser(name: string, tests: () => void): void {
  describe.skipIf(inject("chromium") === "")(name, () => {
    beforeAll(async () => {
      browser ??= await chromium.launch({ executablePath: inject("chromium"), args: ["--disable-dev-shm-usage"] });
    });
    afterAll(async () => {
      await browser?.close();
      browser = undefined;
    });
    tests();
  });
}

/** A browser profile of its own: no cookies of anybody else. `phone` takes the size of one. */
export async function newContext(
  { phone, ...options }: BrowserContextOptions & { phone?: boolean } = {},
): Promise<BrowserContext> {
  const context = await browser!.newContext({ ...(phone && PHONE), ...options });
  context.setDefaultTimeout(20_000);
  return context;
}

/** A page, and what it complains of: errors of scripts, and of what the Content-Security-Policy forbids. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return { page, complaints };
}

/** Works with a browser profile of its own, which is closed afterwards. */
export async function within(
  options: Parameters<typeof newContext>[0],
  work: (context: BrowserContext) => Promise<void>,
) {
  const context = await newContext(options);
  try {
    await work(context);
  } finally {
    await context.close();
  }
}
