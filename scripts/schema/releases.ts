import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The folder of the migrations. */
export const FOLDER = join("supabase", "migrations");
/** The files of the releases, with their hashes. */
export const RELEASES_PATH = join("supabase", "releases.json");
/** Migrations, and the steps by which `local/` sets a database up. */
const FOLDERS = [FOLDER, join("local", "postgres", "bootstrap")];

/** A release, with the files that it has added and that never change. */
export interface Release {
  version: string;
  /** SHA-256 by path. */
  files: Record<string, string>;
}

/** The releases, the oldest first. */
export async function readReleases(): Promise<Release[]> {
  return JSON.parse(await readFile(RELEASES_PATH, "utf8"));
}

/** The migrations and steps of this checkout: SHA-256 by path. */
export async function readFiles(): Promise<Record<string, string>> {
  const paths = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(folder)).filter((name) => name.endsWith(".sql")).map((name) =>
        `${folder.replaceAll("\\", "/")}/${name}`
      )
    ),
  );
  const files = paths.flat().sort().map(async (path) =>
    [path, createHash("sha256").update(await readFile(path)).digest("hex")] as const
  );
  return Object.fromEntries(await Promise.all(files));
}

/** The files that no release has. */
export function unreleased(releases: Release[], files: Record<string, string>): Record<string, string> {
  const known = new Set(releases.flatMap((release) => Object.keys(release.files)));
  return Object.fromEntries(Object.entries(files).filter(([path]) => !known.has(path)));
}

/** What is wrong with the released files, and with the names of others. */
export function problemsOfReleases(releases: Release[], files: Record<string, string>): string[] {
  const released = releases.flatMap((release) =>
    Object.entries(release.files).map((file) => [release.version, ...file] as const)
  );
  const changed = released.flatMap(([version, path, hash]) => {
    if (files[path] === hash) return [];
    const what = files[path] === undefined ? "is missing" : "has changed";
    return [`${path} ${what} since the release ${version}: restore it, and write what changes to a new file.`];
  });
  const migrations = (paths: string[]) => paths.filter((path) => path.startsWith("supabase/")).sort();
  const last = migrations(released.map(([, path]) => path)).at(-1) ?? "";
  const misplaced = migrations(Object.keys(unreleased(releases, files))).flatMap((path) => {
    if (!/\/\d{14}_parley(_[a-z0-9_]+)?\.sql$/.test(path)) return [`${path} is not named <time>_parley_<name>.sql.`];
    return path > last ? [] : [`${path} would run before ${last}, which is released.`];
  });
  return [...changed, ...misplaced];
}

/** The version of a migration written at that time. */
export const versionAt = (time: Date): string => time.toISOString().replace(/\D/g, "").slice(0, 14);
