import { join } from "node:path";
import { CliError } from "../base/terminal.ts";
import type { PostgresPaths } from "./paths.ts";
import { runAs } from "./user.ts";

/** The version that npm installs. */
export const MAJOR_VERSION = "17";

/** The major version of the cluster; undefined when there is none. */
export async function clusterVersion({ cluster }: PostgresPaths): Promise<string | undefined> {
  const text = await Deno.readTextFile(join(cluster, "PG_VERSION")).catch(() => undefined);
  return text?.trim();
}

/**
 * Creates a cluster whose superuser is supabase_admin.
 * @throws CliError with the message of initdb.
 */
export async function createCluster(paths: PostgresPaths, password: string): Promise<void> {
  const passwordFile = `${paths.cluster}.password`;
  await Deno.mkdir(paths.cluster, { mode: 0o700 });
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  if (paths.user) {
    for (const path of [paths.cluster, passwordFile]) await Deno.chown(path, paths.user.uid, paths.user.gid);
  }
  try {
    // The full-text search splits and lowercases words by the C library's locale; macOS has no C.UTF-8.
    const failure = await initialise(paths, "C.UTF-8", passwordFile);
    const again = failure?.includes("invalid locale") ? await initialise(paths, "en_US.UTF-8", passwordFile) : failure;
    if (again) throw new CliError(`Postgres could not create its data in ${paths.cluster}: ${again}.`);
  } finally {
    await Deno.remove(passwordFile);
  }
}

async function initialise(paths: PostgresPaths, locale: string, passwordFile: string): Promise<string | undefined> {
  const args = [
    `--pgdata=${paths.cluster}`,
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
  const initdb = new Deno.Command(join(paths.programs, "initdb"), { args, ...runAs(paths.user), stdout: "null" });
  const { success, stderr } = await initdb.output();
  if (success) return undefined;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const cause = lines.find((line) => /error:|FATAL:|PANIC:/.test(line)) ?? lines.at(-1);
  return cause?.replace(/^(initdb: error:|.*?(FATAL|PANIC):) +/, "");
}
