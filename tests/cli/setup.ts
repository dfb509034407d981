// Packs client/cli and installs the package in an empty folder, as a project does.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the installed package. */
    installed: string;
  }
}

const run = promisify(execFile);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "parley-cli-"));
  await run("npm", ["pack", "./client/cli", "--pack-destination", folder]);
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${archive}`], { cwd: folder });
  project.provide("installed", folder);
  return () => rm(folder, { recursive: true });
}
