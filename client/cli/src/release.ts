import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `[functions.<name>]` of config.toml. */
export type Section = Record<string, boolean | string | string[]>;
export type Sections = Record<string, Section>;

/** What this package brings. */
export interface Release {
  version: string;
  /** From the name of each migration to its text, in the order in which they are applied. */
  migrations: Map<string, string>;
  /** From paths relative to `supabase/` to the content. */
  files: Map<string, Buffer>;
  functions: Sections;
  /** The migration that takes Parley out of a database. */
  removal: string;
}

const FOLDER = fileURLToPath(new URL("../release/", import.meta.url));

export async function readRelease(): Promise<Release> {
  const { version, functions } = JSON.parse(await readFile(join(FOLDER, "release.json"), "utf8"));
  const migrations = (await readdir(join(FOLDER, "migrations"))).filter((name) => name.endsWith(".sql")).sort();
  const texts = migrations.map(async (name) =>
    [name, await readFile(join(FOLDER, "migrations", name), "utf8")] as const
  );
  const files = (await filesIn(join(FOLDER, "files"))).map(async (path) =>
    [`parley/${path}`, await readFile(join(FOLDER, "files", path))] as const
  );
  return {
    version,
    functions,
    migrations: new Map(await Promise.all(texts)),
    files: new Map(await Promise.all(files)),
    removal: await readFile(join(FOLDER, "removal.sql"), "utf8"),
  };
}

/** The release without some of its functions. */
export function without(release: Release, names: string[]): Release {
  const isLeftOut = (path: string) => names.some((name) => path.startsWith(`parley/functions/${name}/`));
  return {
    ...release,
    functions: Object.fromEntries(Object.entries(release.functions).filter(([name]) => !names.includes(name))),
    files: new Map([...release.files].filter(([path]) => !isLeftOut(path))),
  };
}

/** The paths of all files in a folder, relative to it; none if there is no such folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, "/").length).replaceAll("\\", "/")).sort();
}
