// npm run pack -- FOLDER: packs what a release publishes into FOLDER: parley-client and parley-cli for npm, and the chat page for
// any static host. On GitHub Actions the packages name the repository, which npm compares with their provenance.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { namedRelease } from "./schema/named_release.ts";

const PACKAGES = ["client/sdk", "client/cli"];
const PAGE = "client/web";

const run = (program: string, ...options: string[]) =>
  execFileSync(program, options, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** Packs a folder for npm. @returns the path of the archive. */
function npmPack(folder: string, destination: string, ...options: string[]): string {
  const [packed] = JSON.parse(run("npm", "pack", folder, "--json", "--pack-destination", destination, ...options));
  return join(destination, packed.filename);
}

/** Builds and packs a package, and packs it again with the address of the repository. */
function packPackage(directory: string, destination: string): string {
  const staging = mkdtempSync(join(tmpdir(), "parley-pack-"));
  try {
    run("tar", "xzf", npmPack(`./${directory}`, staging), "-C", staging);
    const path = join(staging, "package", "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
    if (server && name) manifest.repository = { type: "git", url: `git+${server}/${name}.git`, directory };
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
    return npmPack(join(staging, "package"), destination, "--ignore-scripts");
  } finally {
    rmSync(staging, { recursive: true });
  }
}

/** Builds and packs the page. */
async function packPage(destination: string): Promise<string> {
  run("node", "scripts/page.mjs");
  const path = join(destination, `parley-web-${await namedRelease()}.tgz`);
  run("tar", "czf", path, "-C", join(PAGE, "dist"), ".");
  return path;
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("Usage: npm run pack -- FOLDER");
  process.exit(2);
}
const destination = resolve(folder);
mkdirSync(destination, { recursive: true });
for (const directory of PACKAGES) console.log(packPackage(directory, destination));
console.log(await packPage(destination));
