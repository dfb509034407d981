import { join } from "node:path";
import type postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { readJson, writeJson } from "../base/json_file.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { clusterVersion, createCluster, MAJOR_VERSION } from "./cluster.ts";
import { type PostgresPaths, removeCluster } from "./paths.ts";
import { newerData, unreleasedData, unusableData } from "./refusals.ts";

/** The platform's roles, schemas and functions. A released file never changes: what comes later is another file. */
const BOOTSTRAP_FOLDER = new URL("./bootstrap/", import.meta.url);

/** How the data folder was set up. */
interface Setup {
  /** The names of the `bootstrap/` files that were run, and their SHA-256. */
  bootstrap: [name: string, digest: string][];
}

/** A file of `bootstrap/` that the database lacks. */
export interface Step {
  name: string;
  digest: string;
  text: string;
}

/** What a cluster lacks. */
export interface Lack {
  /** Whether nothing has been set up in it. */
  isNew: boolean;
  /** All steps if it is new, otherwise those that this release has added. */
  steps: Step[];
}

/**
 * Creates the cluster if there is none.
 * @throws CliError when the folder holds data that this version cannot use.
 */
export async function prepareCluster(folder: DataFolder, paths: PostgresPaths, password: string): Promise<Lack> {
  const setup = await readJson<Setup>(join(folder.path, "setup.json"));
  const version = await clusterVersion(paths);
  const steps = await readSteps();
  if (!setup) {
    // An interrupted set-up left data that was never used.
    await removeCluster(paths);
    log("Creating a new Postgres database …");
    await createCluster(paths, password);
    return { isNew: true, steps };
  }
  if (!version) throw unusableData(folder.path, "has lost its Postgres files");
  if (version !== MAJOR_VERSION) {
    throw unusableData(folder.path, `was made by Postgres ${version}, and this is ${MAJOR_VERSION}`);
  }
  if (!Array.isArray(setup.bootstrap)) throw unreleasedData(folder.path);
  for (const [index, [name, digest]] of setup.bootstrap.entries()) {
    const step = steps[index];
    if (!step) throw newerData(folder.path, `the set-up ${name}`);
    if (step.digest !== digest) throw unreleasedData(folder.path);
  }
  return { isNew: false, steps: steps.slice(setup.bootstrap.length) };
}

/** Runs the steps that the cluster lacks, and records that it has all of them. */
export async function setUp(
  admin: postgres.Sql,
  folder: DataFolder,
  keys: Keys,
  { isNew, steps }: Lack,
): Promise<void> {
  if (steps.length === 0) return;
  await admin.unsafe(steps.map(({ text }) => text).join("\n"));
  if (isNew) {
    for (const role of ["authenticator", "supabase_auth_admin"]) {
      await admin.unsafe(`alter role ${role} password '${keys.admin_password}'`);
    }
  }
  const setup: Setup = { bootstrap: (await readSteps()).map(({ name, digest }) => [name, digest]) };
  await writeJson(join(folder.path, "setup.json"), setup);
}

/** The files of `bootstrap/`, in the order of their numbers. */
async function readSteps(): Promise<Step[]> {
  const files = await Array.fromAsync(Deno.readDir(BOOTSTRAP_FOLDER), ({ name }) => name);
  files.sort((one, other) => parseInt(one) - parseInt(other));
  return await Promise.all(files.map(async (file) => {
    const text = await Deno.readTextFile(new URL(file, BOOTSTRAP_FOLDER));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return { name: file.replace(".sql", ""), digest: new Uint8Array(digest).toHex(), text };
  }));
}
