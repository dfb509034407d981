import { loadModule, scanSync } from "@libpg-query/parser";
import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { inject, test } from "vitest";
import { readTap, type Report } from "./tap.ts";

interface Statement {
  text: string;
  line: number;
}

/** Runs a pgTAP file and makes one test of each assertion in it. */
export async function define(path: string): Promise<void> {
  const { assertions, problem } = await run(await readFile(path, "utf8"), inject("status").db_url);
  for (const { title, outcome, diagnostics } of assertions) {
    test.skipIf(outcome === "skipped")(title, () => {
      if (outcome === "failed") fail(diagnostics);
    });
  }
  if (problem || assertions.length === 0) test("the file runs to its end", () => fail(problem ?? "No assertions."));
}

const DEADLOCK = "40P01";
const MAX_RUNS = 3;

/**
 * Runs the statements one by one on a connection of their own, up to the first that raises. Files that run at the same time
 * hold the names of their people until they end: one that Postgres chooses to end a deadlock runs again.
 */
export async function run(text: string, url: string, runs = 1): Promise<Report> {
  const output: string[] = [];
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: "public, extensions, tap" } });
  try {
    for (const statement of await split(text)) {
      const rows = await sql.unsafe(statement.text).values().catch((error) => error as postgres.PostgresError);
      if (rows instanceof Error && rows.code === DEADLOCK && runs < MAX_RUNS) return await run(text, url, runs + 1);
      if (rows instanceof Error) return { ...readTap(output), problem: describe(rows, statement) };
      for (const [value] of rows) if (typeof value === "string") output.push(value);
    }
    return readTap(output);
  } finally {
    await sql.end();
  }
}

/** Splits at the semicolons that Postgres's own scanner sees. */
async function split(text: string): Promise<Statement[]> {
  await loadModule();
  const bytes = new TextEncoder().encode(text);
  const read = (from: number, to?: number) => new TextDecoder().decode(bytes.subarray(from, to));
  const statements: Statement[] = [];
  let start: number | undefined;
  for (const token of scanSync(text).tokens) {
    if (token.tokenName === "SQL_COMMENT" || token.tokenName === "C_COMMENT") continue;
    start ??= token.start;
    if (token.text !== ";") continue;
    statements.push({ text: read(start, token.start), line: read(0, start).split("\n").length });
    start = undefined;
  }
  if (start !== undefined) throw new Error(`The last statement has no semicolon: ${read(start).slice(0, 60)}`);
  return statements;
}

function describe(error: postgres.PostgresError, { text, line }: Statement): string {
  const within = text.slice(0, Number(error.position ?? 1) - 1).split("\n").length - 1;
  const parts = [error.message, error.detail, error.hint, error.where].filter(Boolean);
  return `Line ${line + within}: ${parts.join("\n")} (${error.code})`;
}

function fail(message: string): never {
  const error = new Error(message.trimEnd());
  error.stack = error.message;
  throw error;
}
