import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { MESSENGER } from "../caller.ts";

test("GET /api/schema/ names every documented route and schema", async () => {
  const response = await fetch(`${MESSENGER}/api/schema/`);
  const document = await response.json();
  expect(document.openapi).toBe("3.1.0");
  const routes = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  expect(routes).toEqual(expect.arrayContaining([
    "POST /api/auth/register/",
    "POST /api/auth/login/",
    "POST /api/auth/refresh/",
    "GET /api/chats/",
    "POST /api/chats/",
    "GET /api/chats/{id}/",
    "PUT /api/chats/{id}/",
    "DELETE /api/chats/{id}/",
    "GET /api/messages/",
    "POST /api/messages/",
    "PUT /api/messages/{id}/",
    "DELETE /api/messages/{id}/",
    "GET /api/messages/search/",
    "GET /api/pinned/",
    "POST /api/pinned/",
    "DELETE /api/pinned/{id}/",
    "GET /api/users/",
    "GET /api/users/me/",
  ]));
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(["Chat", "Message", "PinnedMessage", "User", "Error", "ValidationError"]),
  );
});

test("GET /api/schema/ has patterns of JSON Schema that match what the API accepts", async () => {
  const { components } = await (await fetch(`${MESSENGER}/api/schema/`)).json();
  const { pattern } = components.schemas.Registration.properties.username;
  expect("анна.ann@example-1").toMatch(new RegExp(pattern, "u"));
  expect("ann bob").not.toMatch(new RegExp(pattern, "u"));
});

test("GET /api/schema/ has the API's address as its server, with and without a trailing slash", async () => {
  for (const path of ["/api/schema/", "/api/schema"]) {
    const { servers } = await (await fetch(`${MESSENGER}${path}`)).json();
    expect(new URL(servers[0].url, `${MESSENGER}${path}`).href).toBe(`${MESSENGER}/`);
  }
});

test("GET /api/docs/ serves the page and all its assets itself", async () => {
  const page = await fetch(`${MESSENGER}/api/docs/`);
  expect(page.headers.get("Content-Type")).toContain("text/html");
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset!);
  expect(assets).toEqual(["swagger-ui.css", "swagger-ui-bundle.js"]);
  for (const asset of assets) {
    const response = await fetch(new URL(asset, `${MESSENGER}/api/docs/`));
    const file = await readFile(new URL(`../../../node_modules/swagger-ui-dist/${asset}`, import.meta.url), "utf8");
    expect(await response.text()).toBe(file);
  }
  expect((await fetch(`${MESSENGER}/api/docs/package.json`)).status).toBe(404);
});

test("OPTIONS /api/messages/ → 204 to browsers of other origins", async () => {
  const preflight = await fetch(`${MESSENGER}/api/messages/`, {
    method: "OPTIONS",
    headers: {
      "Origin": "https://example.com",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe("*");
  expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PATCH");
  expect(preflight.headers.get("Access-Control-Allow-Headers")).toContain("idempotency-key");
  const refusal = await fetch(`${MESSENGER}/api/messages/`, { headers: { Origin: "https://example.com" } });
  expect([refusal.status, refusal.headers.get("Access-Control-Allow-Origin")]).toEqual([401, "*"]);
});
