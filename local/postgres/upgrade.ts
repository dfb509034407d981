import postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { CliError, log } from "../base/terminal.ts";
import { copyData } from "./copy.ts";
import type { Migration } from "./migration_files.ts";
import { apply, progress } from "./migrations.ts";
import type { PostgresPaths } from "./paths.ts";
import type { Server } from "./server.ts";
import type { Step } from "./setup.ts";

/**
 * Copies data of an older release, for which it stops Postgres.
 * @returns whether it has.
 * @throws CliError when the data are of no release, or of a newer one, or Parley was removed from them.
 */
export async function copyBeforeUpgrade(
  folder: DataFolder,
  paths: PostgresPaths,
  url: string,
  server: Server,
  migrations: Migration[],
  missing: Step[],
): Promise<boolean> {
  const release = await releaseToUpgrade(url, folder, migrations, missing);
  if (release === undefined) return false;
  await server.stop();
  const copy = await copyData(folder, paths, release);
  log(
    `The data in ${folder.path} is of release ${release}. It was copied to ${copy}, which that release can open.`,
  );
  return true;
}

/** The release of the data, if it lacks something that this checkout has. */
async function releaseToUpgrade(
  url: string,
  folder: DataFolder,
  migrations: Migration[],
  missing: Step[],
): Promise<string | undefined> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const { applied, pending } = await progress(sql, migrations, folder.path);
    if (applied.length === 0 || pending.length + missing.length === 0) return undefined;
    return await releaseOf(sql);
  } catch (error) {
    const isGone = /^(3F000|42883)$/.test((error as { code?: string }).code ?? "");
    if (!isGone) throw error;
    throw new CliError(
      `The data in ${folder.path} have no schema chat any more: start with --reset, or with --data and another folder.`,
    );
  } finally {
    await sql.end();
  }
}

async function releaseOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<[{ version: string }]>`select chat.version() as version`;
  return row.version;
}

/**
 * Applies the pending migrations.
 * @throws CliError when one fails; those before it stay applied.
 */
export async function migrate(url: string, migrations: Migration[], folder: DataFolder): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const { applied, pending } = await progress(sql, migrations, folder.path);
    for (const migration of pending) {
      await apply(sql, migration);
      log(`Applied the migration ${migration.name}.`);
    }
    if (applied.length > 0 && pending.length > 0) {
      log(`The data in ${folder.path} is now of release ${await releaseOf(sql)}.`);
    }
  } finally {
    await sql.end();
  }
}
