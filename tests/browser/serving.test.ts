import { expect, inject, test } from "vitest";
import { pageUrl } from "./page.ts";

const html = { accept: "text/html" };

test("the page has a strict policy, and its assets are cached by the browser", async () => {
  const page = await fetch(pageUrl, { headers: html });
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const etag = page.headers.get("etag")!;
  expect((await fetch(pageUrl, { headers: { ...html, "if-none-match": etag } })).status).toBe(304);
  const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())!;
  const asset = await fetch(pageUrl + script);
  expect(asset.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(asset.headers.get("cache-control")).toContain("immutable");
});

test("the admin page is at /admin, with the same policy", async () => {
  const [page, admin] = await Promise.all([pageUrl, `${pageUrl}admin`].map((url) => fetch(url, { headers: html })));
  expect(admin!.status).toBe(200);
  expect(await admin!.text()).toContain('data-page="admin"');
  expect(admin!.headers.get("cache-control")).toBe("no-cache");
  const policy = "content-security-policy";
  expect(admin!.headers.get(policy)).toBe(page!.headers.get(policy));
});

test("config.json has the project and its publishable key, and no secret", async () => {
  const response = await fetch(`${pageUrl}config.json`);
  expect(await response.json()).toEqual({ url: "/", key: inject("status").publishable_key });
});

test.each(["nothing", "assets/../../package.json", "assets/..%2f..%2fpackage.json", "%2e%2e/package.json"])(
  "/%s → 404",
  async (path) => {
    const response = await fetch(pageUrl + path, { headers: html });
    expect([response.status, (await response.json()).code]).toEqual([404, "not_found"]);
  },
);
