import { join } from "node:path";
import { Fault } from "../base/terminal.ts";
import type { Places } from "./paths.ts";
import { runAs } from "./user.ts";

/** The version that npm installs. */
export const majorVersion = "17";

/** The major version of the cluster; undefined when there is none. */
export async function clusterVersion({ cluster }: Places): Promise<string | undefined> {
  const text = await Deno.readTextFile(join(cluster, "PG_VERSION")).catch(() => undefined);
  return text?.trim();
}

/**
 * Creates a cluster whose superuser is supabase_admin.
 * @throws Fault with the message of initdb.
 */
export async function createCluster(places: Places, password: string): Promise<void> {
  const passwordFile = `${places.cluster}.password`;
  await Deno.mkdir(places.cluster, { mode: 0o700 });
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  if (places.user) {
    for (const path of [places.cluster, passwordFile]) await Deno.chown(path, places.user.uid, places.user.gid);
  }
  try {
    // The full-text search splits and lowercases words by the C library's locale; macOS has no C.UTF-8.
    const failure = await initialise(places, "C.UTF-8", passwordFile);
    const again = failure?.includes("invalid locale") ? await initialise(places, "en_US.UTF-8", passwordFile) : failure;
    if (again) throw new Fault(`Postgres could not create its data in ${places.cluster}: ${again}.`);
  } finally {
    await Deno.remove(passwordFile);
  }
}

async function initialise(places: Places, locale: string, passwordFile: string): Promise<string | undefined> {
  const args = [
    `--pgdata=${places.cluster}`,
    "--username=supabase_admin",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // Text sorts as on the platform.
    "--locale-provider=icu",
    "--icu-locale=en_US.UTF-8",
    `--locale=${locale}`,
    "--no-instructions",
  ];
  const initdb = new Deno.Command(join(places.programs, "initdb"), { args, ...runAs(places.user), stdout: "null" });
  const { success, stderr } = await initdb.output();
  if (success) return undefined;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const cause = lines.find((line) => /error:|FATAL:|PANIC:/.test(line)) ?? lines.at(-1);
  return cause?.replace(/^(initdb: error:|.*?(FATAL|PANIC):) +/, "");
}
