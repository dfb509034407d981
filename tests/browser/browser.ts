import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from "playwright-core";
import { afterAll, beforeAll, describe, inject, onTestFailed } from "vitest";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** The base URL of the functions. */
export const functionsUrl = inject("status").functions_url;

let browser: Browser | undefined;

/** Tests in a real browser, which the files of a worker share; skipped with a warning on machines without one. */
export function inBrowser(name: string, tests: () => void): void {
  describe.skipIf(inject("chromium") === "")(name, () => {
    beforeAll(async () => {
      browser ??= await chromium.launch({ executablePath: inject("chromium"), args: ["--disable-dev-shm-usage"] });
    });
    afterAll(async () => {
      for (const context of browser?.contexts() ?? []) await context.close();
    });
    tests();
  });
}

/** A browser profile of its own, without others' cookies. `phone` sets the size of one. */
export async function newContext(
  { phone, ...options }: BrowserContextOptions & { phone?: boolean } = {},
): Promise<BrowserContext> {
  const context = await browser!.newContext({ ...(phone && PHONE), ...options });
  context.setDefaultTimeout(20_000);
  return context;
}

/** A page, and its complaints: errors of scripts, and violations of the Content-Security-Policy. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  explainFailure(page, complaints);
  return { page, complaints };
}

/** Prints what the page shows, and what went wrong with its requests, when the test fails. */
function explainFailure(page: Page, complaints: string[]): void {
  const troubles: string[] = [];
  const note = (request: Request, trouble: string) =>
    void troubles.push(`${request.method()} ${request.url()}: ${trouble}`);
  page.on("requestfailed", (request) => note(request, request.failure()?.errorText ?? "failed"));
  page.on("response", (response) => response.ok() || note(response.request(), String(response.status())));
  const explain = async () => {
    const text = await page.locator("body").innerText().catch(() => "nothing: it is closed");
    const values = await page.locator("input, textarea").evaluateAll((fields) =>
      fields.map((field) => (field as { value?: string }).value)
    ).catch(() => []);
    console.error(
      [`${page.url()} shows`, text, `fields: ${JSON.stringify(values)}`, ...complaints, ...troubles].join("\n"),
    );
  };
  try {
    onTestFailed(explain);
  } catch {
    // A page that a hook opens belongs to several tests.
  }
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
