// npm run release: records the files that the release of package.json adds, which then never change.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { problemsOfReleases, readFiles, readReleases, RELEASES_PATH, unreleased } from "./schema/releases.ts";

const { version } = JSON.parse(await readFile("package.json", "utf8"));
const [releases, files] = await Promise.all([readReleases(), readFiles()]);
const problems = problemsOfReleases(releases, files);
if (releases.some((release) => release.version === version)) {
  problems.push(`The release ${version} is recorded already.`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
releases.push({ version, files: unreleased(releases, files) });
await writeFile(RELEASES_PATH, `${JSON.stringify(releases, null, 2)}\n`);
console.log(`Recorded the release ${version} in ${RELEASES_PATH}.`);
