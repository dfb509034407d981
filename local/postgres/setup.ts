import { join } from "node:path";
import type postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { readJson, writeJson } from "../base/json_file.ts";
import type { Keys } from "../base/keys.ts";
import { CliError, log } from "../base/terminal.ts";
import { clusterVersion, createCluster, MAJOR_VERSION } from "./cluster.ts";
import { type PostgresPaths, removeCluster } from "./paths.ts";

const BOOTSTRAP_FOLDER = new URL("./bootstrap/", import.meta.url);
const BOOTSTRAP_FILES = ["1_roles", "2_schemas", "3_auth", "4_realtime", "5_realtime_functions", "6_events"];

/** How the data folder was set up. */
interface Setup {
  /** The fingerprint of the `bootstrap/` files that were run. */
  bootstrap: string;
}

/**
 * Creates the cluster if there is none.
 * @returns whether it is new and still needs the platform's objects.
 * @throws CliError when the folder holds data that this version cannot use.
 */
export async function prepareCluster(folder: DataFolder, paths: PostgresPaths, password: string): Promise<boolean> {
  const setup = await readJson<Setup>(join(folder.path, "setup.json"));
  const version = await clusterVersion(paths);
  if (!setup) {
    // An interrupted set-up left data that was never used.
    await removeCluster(paths);
    log("Creating a new Postgres database …");
    await createCluster(paths, password);
    return true;
  }
  if (!version) throw unusable(folder, "has lost its Postgres files");
  if (version !== MAJOR_VERSION) {
    throw unusable(folder, `was made by Postgres ${version}, and this is ${MAJOR_VERSION}`);
  }
  if (setup.bootstrap !== await fingerprint()) throw unusable(folder, "was set up by another version of Parley");
  return false;
}

/** Records that the cluster has the platform's objects. */
export async function finishSetup({ path }: DataFolder): Promise<void> {
  await writeJson(join(path, "setup.json"), { bootstrap: await fingerprint() } satisfies Setup);
}

async function fingerprint(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(await bootstrapSql()));
  return new Uint8Array(digest).toHex();
}

function unusable({ path }: DataFolder, why: string): CliError {
  return new CliError(
    `The data in ${path} ${why}; start over with --reset, which deletes it, or choose another folder with --data.`,
  );
}

/** The platform's roles, schemas and functions, as SQL. */
async function bootstrapSql(): Promise<string> {
  const texts = await Promise.all(
    BOOTSTRAP_FILES.map((name) => Deno.readTextFile(new URL(`${name}.sql`, BOOTSTRAP_FOLDER))),
  );
  return texts.join("\n");
}

/** Creates the platform's roles, schemas and functions in a new cluster. */
export async function bootstrap(admin: postgres.Sql, keys: Keys): Promise<void> {
  await admin.unsafe(await bootstrapSql());
  for (const role of ["authenticator", "supabase_auth_admin"]) {
    await admin.unsafe(`alter role ${role} password '${keys.admin_password}'`);
  }
}
