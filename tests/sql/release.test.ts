import { readFile } from "node:fs/promises";
import { afterAll, expect, inject, test } from "vitest";
import { RELEASE } from "../../client/sdk/src/contract/release.ts";
import { database } from "../support/clients.ts";

const sql = database(inject("status"));
afterAll(() => sql.end());

test("package.json, the changelog, the sources of clients and the database name the same release", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8"));
  const changelog = await readFile("CHANGELOG.md", "utf8");
  const [{ version }] = await sql<[{ version: string }]>`select chat.version() as version`;
  const latest = /^## (\d\S*) - \d{4}-\d\d-\d\d$/m.exec(changelog)?.[1];
  expect([manifest.version, latest, version]).toEqual([RELEASE, RELEASE, RELEASE]);
});
