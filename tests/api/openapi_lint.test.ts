import { readFile } from "node:fs/promises";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import { expect, test } from "vitest";
import { baseOf } from "./caller.ts";
import { functions } from "./apis.ts";

const read = async (api: string) => await (await fetch(`${baseOf(api)}/api/schema/`)).text();

const redocly = await createConfig({
  extends: ["recommended-strict"],
  // The paths of the old backends end in a slash.
  rules: { "no-path-trailing-slash": "off" },
});

const linter = new spectral.Spectral();
linter.setRuleset({
  extends: [[rulesets.oas, "recommended"]],
  rules: {
    "oas3-parameter-description": true,
    // The paths of the old backends end in a slash.
    "path-keys-no-trailing-slash": "off",
  },
} as never);

test.each(functions)("Redocly reports nothing in the OpenAPI document of $api", async ({ api }) => {
  const problems = await lintFromString({
    source: await read(api),
    absoluteRef: `${api}.json`,
    config: redocly,
  });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

test.each(functions)("Spectral reports nothing in the OpenAPI document of $api", async ({ api }) => {
  const problems = await linter.run(JSON.parse(await read(api)));
  expect(problems.map(({ code, message, path }) => [code, message, path.join("/")])).toEqual([]);
});

test("both report the mistakes of a bad document", async () => {
  const document = JSON.parse(await read("messenger"));
  document.paths["/api/chats/"].get.operationId = "chats_create";
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: "a.json", config: redocly });
  expect(found.map(({ ruleId }) => ruleId)).toContain("operation-operationId-unique");
  expect((await linter.run(document)).map(({ code }) => code)).toContain("operation-operationId-unique");
});

test("every function of the project is among those that are checked", async () => {
  const config = await readFile(new URL("../../supabase/config.toml", import.meta.url), "utf8");
  const declared = [...config.matchAll(/^\[functions\.([\w-]+)\]/gm)].map(([, name]) => name);
  expect(functions.map(({ api }) => api).toSorted()).toEqual(declared.toSorted());
});
