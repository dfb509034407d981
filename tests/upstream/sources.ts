import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A repository at one commit, whose id is the hash of all that it holds. */
export interface Source {
  url: string;
  commit: string;
  /** The folders that the suites need. */
  folders: string[];
}

/** Release 2.129.8 of Realtime: its check of a project from outside. */
export const REALTIME: Source = {
  url: "https://github.com/supabase/realtime",
  commit: "2aa997873a5e0addd6b799945ed65c3407fc0d1a",
  folders: ["test/e2e"],
};

/** Release 2.112.2 of the clients. npm ships their sources without tests. */
export const SUPABASE_JS: Source = {
  url: "https://github.com/supabase/supabase-js",
  commit: "e1112e35759291f1b3c477131287ad5949c01695",
  folders: ["packages"],
};

/** Something that keeps the suites from running at all. */
export class SetupError extends Error {}

/** Outside of the repository: no check, and no build, shall find these files. */
const CACHE = process.env.PARLEY_UPSTREAM_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "parley", "upstream");

/** The folder with the packages that the suites import, installed once for each list of them. */
export async function installPackages(): Promise<string> {
  const list = fileURLToPath(new URL("packages.json", import.meta.url));
  const hash = createHash("sha256").update(await readFile(list)).digest("hex").slice(0, 12);
  const folder = join(CACHE, `packages-${hash}`);
  if (existsSync(join(folder, "installed"))) return folder;
  console.log(`Installing the packages of the suites in ${folder} …`);
  await mkdir(folder, { recursive: true });
  await cp(list, join(folder, "package.json"));
  run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  // The only package whose script is needed: it puts the program of this machine in its place.
  run("node", [join("node_modules", "bun", "install.js")], folder);
  await mkdir(join(folder, "installed"));
  return folder;
}

/**
 * Copies the folders of a source to a new folder beside the packages, where they are found.
 * @returns the new folder, which is deleted at the end of this program.
 */
export async function checkOut({ url, commit, folders }: Source, packages: string): Promise<string> {
  const repository = join(CACHE, `${url.split("/").at(-1)}.git`);
  if (!existsSync(repository)) run("git", ["init", "--quiet", "--bare", repository]);
  const git = ["--git-dir", repository];
  if (spawnSync("git", [...git, "cat-file", "-e", `${commit}^{commit}`]).status !== 0) {
    console.log(`Fetching ${url} …`);
    run("git", [...git, "fetch", "--quiet", "--depth", "1", url, commit]);
  }
  const folder = await mkdtemp(join(packages, "run-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  run("git", [...git, "--work-tree", folder, "checkout", "--quiet", "--force", commit, "--", ...folders]);
  return folder;
}

function run(program: string, args: string[], cwd?: string): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) {
    throw new SetupError(`${program} ${args.join(" ")} has failed${error ? `: ${error.message}` : "."}`);
  }
}
