// Packs what a release publishes, and installs parley-cli in an empty folder, as a project does.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the packages, and with parley-cli installed. */
    installed: string;
  }
}

const run = promisify(execFile);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "parley-cli-"));
  // As GitHub Actions sets them.
  const env = { ...process.env, GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "acme/parley" };
  await run(join("node_modules", ".bin", "deno"), ["run", "-A", "scripts/pack.ts", folder], { env });
  const archive = (await readdir(folder)).find((name) => name.startsWith("parley-cli-"));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${archive}`], { cwd: folder });
  project.provide("installed", folder);
  return () => rm(folder, { recursive: true });
}
