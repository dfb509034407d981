import { join } from "node:path";
import type postgres from "postgres";
import { PROJECT_ROOT } from "../base/config.ts";
import { CliError } from "../base/terminal.ts";

/** The tokens that matter for splitting: comments, strings, quoted names, dollar quotes, and the ends of blocks. */
const TOKENS = [
  /--[^\n]*/,
  /\/\*[\s\S]*?\*\//,
  /\be'(?:[^'\\]|\\[\s\S]|'')*'/,
  /'(?:[^']|'')*'/,
  /"(?:[^"]|"")*"/,
  /\$(\w*)\$[\s\S]*?\$\1\$/,
  /\bbegin\s+atomic\b|\bcase\b|\bend\b/,
  /;/,
].map(({ source }) => source).join("|");

interface Migration {
  version: string;
  name: string;
  statements: string[];
}

/**
 * Applies the pending migrations of `supabase/migrations` as role postgres and records them where the Supabase CLI does.
 * @returns the names of those applied.
 * @throws CliError when one fails, or when an applied one has changed.
 */
export async function migrate(sql: postgres.Sql): Promise<string[]> {
  await sql.unsafe(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text
    );`);
  const known = await sql<Migration[]>`select version, name, statements from supabase_migrations.schema_migrations`;
  const applied = new Map(known.map((migration) => [migration.version, migration]));
  const names = [];
  for (const migration of await readMigrations()) {
    const before = applied.get(migration.version);
    if (before) rejectChanged(migration, before);
    else names.push(await apply(sql, migration));
  }
  return names;
}

async function readMigrations(): Promise<Migration[]> {
  const folder = join(PROJECT_ROOT, "supabase", "migrations");
  const names = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const migrations = names.sort().map(async (file) => {
    const [, version, name] = /^(\d{14})_(.*)\.sql$/.exec(file) ?? [];
    if (!version) return [];
    return [{ version, name: name!, statements: splitStatements(await Deno.readTextFile(join(folder, file))) }];
  });
  return (await Promise.all(migrations)).flat();
}

async function apply(sql: postgres.Sql, { version, name, statements }: Migration): Promise<string> {
  try {
    await sql.begin(async (transaction) => {
      for (const statement of statements) await transaction.unsafe(statement);
      await transaction`insert into supabase_migrations.schema_migrations (version, name, statements)
        values (${version}, ${name}, ${statements})`;
    });
  } catch (error) {
    throw new CliError(`The migration ${version}_${name}.sql failed and was rolled back: ${(error as Error).message}.`);
  }
  return name;
}

function rejectChanged({ version, name, statements }: Migration, before: Migration): void {
  if (statements.join() === before.statements?.join()) return;
  throw new CliError(
    `The migration ${version}_${name}.sql has changed since it was applied to this data; start over with --reset.`,
  );
}

/** Splits SQL into statements as the Supabase CLI does: each with the comments above it, without its semicolon. */
function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(new RegExp(TOKENS, "gi"))) {
    const word = token.toLowerCase();
    if (word.startsWith("begin") || (word === "case" && depth > 0)) depth++;
    else if (word === "end" && depth > 0) depth--;
    else if (word === ";" && depth === 0) {
      statements.push(sql.slice(start, index));
      start = index + 1;
    }
  }
  statements.push(sql.slice(start));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}
