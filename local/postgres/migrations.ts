import { createHash } from "node:crypto";
import type postgres from "postgres";
import { CliError } from "../base/terminal.ts";
import { isOutsideTransactions, type Migration } from "./migration_files.ts";
import { newerData, unreleasedData } from "./refusals.ts";

/** A migration that the database has, with a hash of its text: all texts together are too long to be read at each start. */
type Applied = Pick<Migration, "version" | "name"> & { hash: string | null };

/** The migrations that the database has, and those that it lacks. */
export interface Progress {
  applied: Applied[];
  pending: Migration[];
}

/**
 * Compares the migrations that the database has with those of this checkout.
 * @throws CliError when the database has others, or other texts of them.
 */
export async function progress(sql: postgres.Sql, migrations: Migration[], folder: string): Promise<Progress> {
  const applied = await readApplied(sql);
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const migration of applied) {
    const ours = known.get(migration.version);
    if (!ours) throw newerData(folder, `the migration ${migration.version}_${migration.name}`);
    if (hashOf(ours) !== migration.hash) throw unreleasedData(folder);
  }
  const versions = new Set(applied.map(({ version }) => version));
  return { applied, pending: migrations.filter(({ version }) => !versions.has(version)) };
}

/** Those that the Supabase CLI or `apply` has recorded. */
async function readApplied(sql: postgres.Sql): Promise<Applied[]> {
  const [{ isThere }] = await sql<[{ isThere: boolean }]>`
    select to_regclass('supabase_migrations.schema_migrations') is not null as "isThere"`;
  if (!isThere) return [];
  return await sql<Applied[]>`
    select version, name, md5(array_to_string(statements, ',')) as hash from supabase_migrations.schema_migrations
    order by version`;
}

const hashOf = ({ statements }: Migration) => createHash("md5").update(statements.join()).digest("hex");

/**
 * Applies a migration as role postgres, and records it where the Supabase CLI does.
 * @throws CliError when it fails.
 */
export async function apply(sql: postgres.Sql, migration: Migration): Promise<void> {
  const { version, name, statements } = migration;
  const run = async (sql: postgres.Sql) => {
    for (const statement of statements) await sql.unsafe(statement);
    await sql.unsafe(`
      create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations (
        version text not null primary key, statements text[], name text
      );`);
    await sql`insert into supabase_migrations.schema_migrations (version, name, statements)
      values (${version}, ${name}, ${statements})`;
  };
  try {
    if (isOutsideTransactions(migration)) await run(sql);
    else await sql.begin((transaction) => run(transaction as unknown as postgres.Sql));
  } catch (error) {
    const failed = isOutsideTransactions(migration) ? "failed" : "failed and was rolled back";
    throw new CliError(`The migration ${version}_${name}.sql ${failed}: ${(error as Error).message}.`);
  }
}
