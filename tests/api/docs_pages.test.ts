import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { baseOf } from "./caller.ts";
import { functions } from "./apis.ts";

interface Operation {
  security: object[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
}

interface Schema {
  properties?: Record<string, unknown>;
}

/** What every answer may be, which docs/apis/README.md says once for all routes. */
const SHARED = new Set(["400", "401", "403", "404", "405", "409", "413", "415", "429", "500", "503"]);

const words = (text: string) => new Set(text.match(/[\w-]+/g));

test.each(functions)("docs/apis/$api.md shows every route, parameter, status and field of $api", async ({ api }) => {
  const page = await readFile(new URL(`../../docs/apis/${api}.md`, import.meta.url), "utf8");
  const document = await (await fetch(`${baseOf(api)}/api/schema/`)).json();
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const missing: string[] = [];
  for (const [path, methods] of Object.entries<Record<string, Operation>>(document.paths)) {
    for (const [method, { security, parameters = [], responses }] of Object.entries(methods)) {
      const route = `${method.toUpperCase()} ${path}`;
      const row = rows.find((line) => line.includes(`\`${route}\``));
      if (!row) {
        missing.push(route);
        continue;
      }
      if (row.includes("_(public)_") !== (security.length === 0)) missing.push(`${route}: public, or not`);
      // A row may say that it is as the one before.
      if (/the same|as above/.test(row)) continue;
      for (const status of Object.keys(responses)) {
        if (status !== "204" && SHARED.has(status)) continue;
        const isRepeated = status === "200" && row.includes("_(repeatable)_");
        if (!row.includes(status) && !isRepeated) missing.push(`${route}: ${status}`);
      }
      for (const { name } of parameters.filter((parameter) => parameter.in === "query")) {
        if (!row.includes(`\`${name}\``)) missing.push(`${route}: ?${name}`);
      }
    }
  }
  const shown = words(page);
  for (const [name, { properties = {} }] of Object.entries<Schema>(document.components.schemas)) {
    if (["Error", "TokenError", "ValidationError"].includes(name) || name.endsWith("Page")) continue;
    for (const field of Object.keys(properties)) if (!shown.has(field)) missing.push(`${name}.${field}`);
  }
  expect(missing).toEqual([]);
});
