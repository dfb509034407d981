import { readFile } from "node:fs/promises";
import { expect, inject, test } from "vitest";
import { databaseTypes, TYPES_PATH } from "../../scripts/types.ts";

test("client/sdk/src/contract/database.ts has the types of the schema: npm run types writes them", async () => {
  expect(await readFile(TYPES_PATH, "utf8")).toBe(await databaseTypes(inject("status").db_url));
});
