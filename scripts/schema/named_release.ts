import { readFile } from "node:fs/promises";

/** The files that name the release beside package.json, which is its home: `npm run release` writes them. */
const PLACES: [path: string, version: RegExp][] = [
  [".release-please-manifest.json", /(?<=^ {2}"\.": ")[^"]+/m],
  ["client/cli/package.json", /(?<=^ {2}"version": ")[^"]+/m],
  ["client/sdk/package.json", /(?<=^ {2}"version": ")[^"]+/m],
  ["client/web/package.json", /(?<=^ {2}"version": "|^ {4}"parley-client": ")[^"]+/gm],
  ["client/sdk/src/contract/release.ts", /(?<=^export const RELEASE = ")[^"]+/m],
  [
    "package-lock.json",
    /(?<=^ {2}"version": "|^ {6}"name": "parley(?:-cli|-client|-web)?",\n {6}"version": "|^ {8}"parley-client": ")[^"]+/gm,
  ],
  ["sql/090_version.sql", /(?<=^ {2}select ')[^']+/m],
];

/** The release, by its home. */
export async function namedRelease(): Promise<string> {
  return JSON.parse(await readFile("package.json", "utf8")).version;
}

/** The files that name another release, and what they should be. */
export async function filesToName(version: string): Promise<{ path: string; text: string }[]> {
  const files = await Promise.all(PLACES.map(async ([path, place]) => {
    const found = await readFile(path, "utf8");
    if (!found.match(place)) throw new Error(`${path} does not name the release as ${place}.`);
    const text = found.replace(place, version);
    return text === found ? [] : [{ path, text }];
  }));
  return files.flat();
}
