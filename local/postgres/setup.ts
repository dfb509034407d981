import { join } from "node:path";
import type postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { readJson, writeJson } from "../base/json_file.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { clusterVersion, createCluster, MAJOR_VERSION } from "./cluster.ts";
import { type PostgresPaths, removeCluster } from "./paths.ts";
import { newerData, otherAccounts, unreleasedData, unusableData } from "./refusals.ts";

/** The platform's roles, schemas and functions. A released file never changes: what comes later is another file. */
const BOOTSTRAP_FOLDER = new URL("./bootstrap/", import.meta.url);

/** Whose tables the accounts are in: lite's Auth and Supabase's own keep them in tables of other shapes. */
export type Accounts = "lite" | "gotrue";

/** How the data folder was set up. */
interface Setup {
  /** Missing in folders of older releases, which knew only lite. */
  accounts?: Accounts;
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
  accounts: Accounts;
  /** All steps if it is new, otherwise those that this release has added. */
  steps: Step[];
}

/**
 * Creates the cluster if there is none.
 * @throws CliError when the folder holds data that this version cannot use.
 */
export async function prepareCluster(
  folder: DataFolder,
  paths: PostgresPaths,
  accounts: Accounts,
  password: string,
): Promise<Lack> {
  const setup = await readJson<Setup>(join(folder.path, "setup.json"));
  const version = await clusterVersion(paths);
  const steps = await readSteps(accounts);
  if (!setup) {
    // An interrupted set-up left data that was never used.
    await removeCluster(paths);
    log("Creating a new Postgres database …");
    await createCluster(paths, password);
    return { isNew: true, accounts, steps };
  }
  if (!version) throw unusableData(folder.path, "has lost its Postgres files");
  if (version !== MAJOR_VERSION) {
    throw unusableData(folder.path, `was made by Postgres ${version}, and this is ${MAJOR_VERSION}`);
  }
  if (!Array.isArray(setup.bootstrap)) throw unreleasedData(folder.path);
  if ((setup.accounts ?? "lite") !== accounts) throw otherAccounts(folder.path, accounts);
  for (const [index, [name, digest]] of setup.bootstrap.entries()) {
    const step = steps[index];
    if (!step) throw newerData(folder.path, `the set-up ${name}`);
    if (step.digest !== digest) throw unreleasedData(folder.path);
  }
  return { isNew: false, accounts, steps: steps.slice(setup.bootstrap.length) };
}

/** Runs the steps that the cluster lacks, and records that it has all of them. */
export async function setUp(
  admin: postgres.Sql,
  folder: DataFolder,
  keys: Keys,
  { accounts, steps }: Lack,
): Promise<void> {
  if (steps.length === 0) return;
  await admin.unsafe(steps.map(({ text }) => text).join("\n"));
  for (const role of ["authenticator", "supabase_auth_admin", "supabase_storage_admin"]) {
    await admin.unsafe(`alter role ${role} password '${keys.admin_password}'`);
  }
  const setup: Setup = { accounts, bootstrap: (await readSteps(accounts)).map(({ name, digest }) => [name, digest]) };
  await writeJson(join(folder.path, "setup.json"), setup);
}

/** The files of `bootstrap/`, in the order of their numbers; Supabase Auth makes its tables and functions itself. */
async function readSteps(accounts: Accounts): Promise<Step[]> {
  const files = await Array.fromAsync(Deno.readDir(BOOTSTRAP_FOLDER), ({ name }) => name);
  if (accounts === "gotrue") files.splice(files.indexOf("3_auth.sql"), 1);
  files.sort((one, other) => parseInt(one) - parseInt(other));
  return await Promise.all(files.map(async (file) => {
    const text = await Deno.readTextFile(new URL(file, BOOTSTRAP_FOLDER));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return { name: file.replace(".sql", ""), digest: new Uint8Array(digest).toHex(), text };
  }));
}
