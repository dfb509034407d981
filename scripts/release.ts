// npm run release: makes the release that package.json names. The version goes to all files that have it, the changelog gets a
// heading, chat.version() a migration, and the files of the release are recorded: they never change from then on.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { writeMigration } from "./schema/migration.ts";
import { filesToName, namedRelease } from "./schema/named_release.ts";
import { problemsOfReleases, readFiles, readReleases, RELEASES_PATH, unreleased } from "./schema/releases.ts";

const CHANGELOG = "CHANGELOG.md";
const UNRELEASED = "## Unreleased\n";

/** Puts what is unreleased under a heading of this release, unless it has one. */
async function dateChangelog(version: string): Promise<void> {
  const text = await readFile(CHANGELOG, "utf8");
  if (text.includes(`\n## ${version} - `)) return;
  const today = new Date().toISOString().slice(0, 10);
  if (!text.includes(UNRELEASED)) throw new Error(`${CHANGELOG} has no heading "Unreleased".`);
  await writeFile(CHANGELOG, text.replace(UNRELEASED, `${UNRELEASED}\n## ${version} - ${today}\n`));
}

async function record(version: string): Promise<void> {
  const [releases, files] = await Promise.all([readReleases(), readFiles()]);
  releases.push({ version, files: unreleased(releases, files) });
  await writeFile(RELEASES_PATH, `${JSON.stringify(releases, null, 2)}\n`);
}

async function problems(version: string): Promise<string[]> {
  const releases = await readReleases();
  const isRecorded = releases.some((release) => release.version === version);
  return [
    ...problemsOfReleases(releases, await readFiles()),
    ...(isRecorded ? [`The release ${version} is recorded already: package.json must have the next version.`] : []),
  ];
}

const version = await namedRelease();
const found = await problems(version);
if (found.length > 0) {
  console.error(found.join("\n"));
  process.exit(1);
}
for (const { path, text } of await filesToName(version)) await writeFile(path, text);
await dateChangelog(version);
const { left } = await writeMigration(`release_${version.replaceAll(/\W/g, "_")}`);
if (left) {
  console.error(`The migrations do not give sql/, and what is missing must be written by hand:\n${left}`);
  process.exit(1);
}
await record(version);
console.log(`The release ${version} is recorded in ${RELEASES_PATH}.`);
