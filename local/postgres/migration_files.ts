import { join } from "node:path";
import { PROJECT_ROOT } from "../base/config.ts";
import { schemaText } from "./schema_text.ts";

/** A file of `supabase/migrations`. */
export interface Migration {
  version: string;
  name: string;
  statements: string[];
}

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

/** The migrations in their order; with `isFromSql` one that makes the schema of `sql/`, in the place of the first. */
export async function readMigrations(isFromSql: boolean): Promise<Migration[]> {
  const folder = join(PROJECT_ROOT, "supabase", "migrations");
  const names = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const files = names.sort().flatMap((file) => {
    const [, version, name] = /^(\d{14})_(.*)\.sql$/.exec(file) ?? [];
    return version && name ? [{ file, version, name }] : [];
  });
  const [first] = files;
  if (isFromSql && first) return [{ ...first, statements: splitStatements(await schemaText(PROJECT_ROOT)) }];
  return await Promise.all(files.map(async ({ file, version, name }) => (
    { version, name, statements: splitStatements(await Deno.readTextFile(join(folder, file))) }
  )));
}

/** Whether a migration cannot run in a transaction: it is one statement then, as the Supabase CLI demands. */
export function isOutsideTransactions({ statements: [statement = "", ...rest] }: Migration): boolean {
  const text = statement.replace(/^(\s+|--[^\n]*\n)*/, "");
  return rest.length === 0 && /^create\s+(unique\s+)?index\s+concurrently\b/i.test(text);
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
