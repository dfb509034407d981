import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { parse, type TomlTable } from "smol-toml";
import { parsedRecord, RECORD, type Record } from "./record.ts";
import { filesIn } from "./release.ts";
import { CliError } from "./terminal.ts";

/** The `supabase/` folder of a project. */
export interface Project {
  /** Its absolute path. */
  folder: string;
  /** Its path as messages show it. */
  shown: string;
  configText: string;
  config: TomlTable;
  /** The names of its migrations, in the order in which they are applied, with their texts. */
  migrations: Map<string, string>;
  /** What was written before; absent where Parley has not been added. */
  record?: Record;
}

export const CONFIG = "config.toml";

/** @throws CliError when the folder is not a project of the Supabase CLI, or a file cannot be read. */
export async function readProject(directory: string): Promise<Project> {
  const folder = resolve(directory);
  const shown = relative(process.cwd(), folder) || ".";
  const configText = await readIfThere(join(folder, CONFIG));
  if (configText === undefined) {
    throw new CliError(
      `There is no ${join(shown, CONFIG)}. Run this in the folder above supabase/, name the folder with --dir, ` +
        "or make a project with npx supabase init.",
    );
  }
  const record = await readIfThere(join(folder, RECORD));
  return {
    folder,
    shown,
    configText,
    config: readable(join(shown, CONFIG), () => parse(configText)),
    migrations: await readMigrations(join(folder, "migrations")),
    record: record === undefined ? undefined : readable(join(shown, RECORD), () => parsedRecord(record)),
  };
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return (await bytesIfThere(path))?.toString();
}

export async function bytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new CliError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}

function readable<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
}

async function readMigrations(folder: string): Promise<Map<string, string>> {
  const migrations = (await filesIn(folder)).filter((name) => /^\d+_[^/]*\.sql$/.test(name));
  return new Map(
    await Promise.all(
      migrations.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}
