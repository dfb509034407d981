// Fails when a released file has changed, when a file names another release than package.json, or when a migration would hold
// a lock on a live table for long.
import { loadModule } from "@libpg-query/parser";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { filesToName, namedRelease } from "../schema/named_release.ts";
import { problemsOfReleases, readFiles, readReleases, unreleased } from "../schema/releases.ts";
import { problemsOfMigration } from "./migration_rules.ts";

await loadModule();
const version = await namedRelease();
const [releases, files] = await Promise.all([readReleases(), readFiles()]);
const problems = problemsOfReleases(releases, files);
const last = releases.at(-1)?.version;
if (last !== version) {
  problems.push(`package.json is of release ${version}, and the last that is recorded is ${last}: npm run release.`);
}
for (const { path } of await filesToName(version)) {
  problems.push(`${path} does not name the release ${version} of package.json: npm run release.`);
}
for (const path of Object.keys(unreleased(releases, files)).filter((path) => path.startsWith("supabase/"))) {
  for (const problem of problemsOfMigration(await readFile(path, "utf8"))) problems.push(`${path}: ${problem}`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
