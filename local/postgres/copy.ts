import { cp, lchown } from "node:fs/promises";
import { join } from "node:path";
import { type DataFolder, LOCK_NAME, STORAGE_NAME } from "../base/data_folder.ts";
import { choosePaths, type PostgresPaths } from "./paths.ts";
import type { SystemUser } from "./user.ts";

const FILES = ["keys.json", "setup.json"];

/**
 * Copies the data, while Postgres does not run, to a folder within its own that `--data` can name.
 * @param label the first part of its name.
 * @returns its path.
 */
export async function copyData({ path }: DataFolder, { cluster, user }: PostgresPaths, label: string): Promise<string> {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const copy = join(path, "copies", `${label}-${time}`);
  await Deno.mkdir(copy, { recursive: true, mode: 0o755 });
  await Deno.writeTextFile(join(copy, LOCK_NAME), "");
  for (const name of FILES) await Deno.copyFile(join(path, name), join(copy, name));
  const paths = await choosePaths(copy);
  await cp(cluster, paths.cluster, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  await linkAll(join(path, STORAGE_NAME), join(copy, STORAGE_NAME));
  if (user) await giveTo(user, paths.cluster);
  return copy;
}

/** Gives the files of a folder, if there is one, names in a new folder too: those of Storage never change. */
async function linkAll(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o700 });
  try {
    for await (const { name, isDirectory } of Deno.readDir(from)) {
      if (isDirectory) await linkAll(join(from, name), join(to, name));
      else await Deno.link(join(from, name), join(to, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Root copies, and Postgres must own its files. */
export async function giveTo(user: SystemUser, path: string): Promise<void> {
  await lchown(path, user.uid, user.gid);
  if (!(await Deno.lstat(path)).isDirectory) return;
  for await (const { name } of Deno.readDir(path)) await giveTo(user, join(path, name));
}
