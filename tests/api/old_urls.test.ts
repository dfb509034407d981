import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { baseOf } from "./caller.ts";
import { apis } from "./apis.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const section = readme.split("## Replacing an existing backend\n")[1]!.split("\n## ")[0]!;
const rows = [...section.matchAll(/\| `(https?|ws):\/\/localhost:8000(\/\S+)` +\| `\/([\w-]+)(\/\S+)`/g)];

test("the README shows old and new URLs of every API", () => {
  expect(new Set(rows.map(([, , , api]) => api))).toEqual(new Set(apis.map(({ api }) => api)));
});

test.each(rows.map(([, protocol, old, api, path]) => ({ protocol, old, api: api!, path })))(
  "$api: $old is at the URL that the README gives",
  async ({ protocol, old, api, path }) => {
    expect(path).toBe(old);
    const response = await fetch(`${baseOf(api)}${path}`);
    await response.body?.cancel();
    // Called without a token, or not as a WebSocket.
    expect(response.status).toBe(protocol === "ws" ? 426 : 401);
  },
);
