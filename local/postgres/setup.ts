import { join } from "node:path";
import type postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { readJson, writeJson } from "../base/json_file.ts";
import type { Keys } from "../base/keys.ts";
import { Fault, log } from "../base/terminal.ts";
import { clusterVersion, createCluster, majorVersion } from "./cluster.ts";
import { type Places, removeCluster } from "./paths.ts";

const folder = new URL("./bootstrap/", import.meta.url);
const files = ["1_roles", "2_schemas", "3_auth", "4_realtime", "5_realtime_functions", "6_events"];

/** What was done when the data folder was set up. */
interface Setup {
  /** Which text of `bootstrap/` made the platform's part. */
  bootstrap: string;
}

/**
 * Makes the cluster when there is none yet.
 * @returns whether it is new, so that it still needs the platform's part.
 * @throws Fault when the folder holds what this version cannot use.
 */
export async function prepareCluster(folder: DataFolder, places: Places, password: string): Promise<boolean> {
  const setup = await readJson<Setup>(join(folder.path, "setup.json"));
  const version = await clusterVersion(places);
  if (!setup) {
    // Nobody has used what an interrupted set-up left.
    await removeCluster(places);
    log("Making a new Postgres database …");
    await createCluster(places, password);
    return true;
  }
  if (!version) throw unusable(folder, "has lost its Postgres files");
  if (version !== majorVersion) throw unusable(folder, `was made by Postgres ${version}, and this is ${majorVersion}`);
  if (setup.bootstrap !== await fingerprint()) throw unusable(folder, "was set up by another version of Parley");
  return false;
}

/** Remembers that the cluster has the platform's part. */
export async function finishSetup({ path }: DataFolder): Promise<void> {
  await writeJson(join(path, "setup.json"), { bootstrap: await fingerprint() } satisfies Setup);
}

async function fingerprint(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(await bootstrapSql()));
  return new Uint8Array(digest).toHex();
}

function unusable({ path }: DataFolder, why: string): Fault {
  return new Fault(
    `The data in ${path} ${why}; begin anew with --reset, which deletes it, or choose another folder with --data.`,
  );
}

/** The platform's part of the database, as SQL. */
async function bootstrapSql(): Promise<string> {
  const texts = await Promise.all(files.map((name) => Deno.readTextFile(new URL(`${name}.sql`, folder))));
  return texts.join("\n");
}

/** Gives a new cluster what the platform's image brings. */
export async function bootstrap(admin: postgres.Sql, keys: Keys): Promise<void> {
  await admin.unsafe(await bootstrapSql());
  for (const role of ["authenticator", "supabase_auth_admin"]) {
    await admin.unsafe(`alter role ${role} password '${keys.admin_password}'`);
  }
}
