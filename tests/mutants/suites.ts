import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import { readMatrix } from "../sql/permissions/matrix.ts";
import { tryLines } from "../sql/permissions/run.ts";
import { readTap } from "../sql/tap.ts";

/** Tests that run together, in a transaction that is rolled back. */
export interface Suite {
  name: string;
  /** Its subject: its SQL, or the object whose permissions it tries. */
  text: string;
  /** How long it takes when nothing fails. */
  milliseconds: number;
  /** Runs it after `statement`, in the same transaction; returns the first test that fails, or raises. */
  run: (sql: Sql, statement: string) => Promise<string | undefined>;
}

const folder = join("tests", "sql");

/** The pgTAP files, and the permissions object by object. */
export async function readSuites(): Promise<Suite[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".test.sql")).sort();
  const files = names.map(async (name) => pgtap(name, await readFile(join(folder, name), "utf8")));
  const objects = [...new Set(readMatrix().map(({ object }) => object))];
  return [...await Promise.all(files), ...objects.map(permissions)];
}

function pgtap(name: string, text: string): Suite {
  const run = async (sql: Sql, statement: string) => {
    // One message to the server for the whole file; its own `begin` joins the open transaction.
    const results: unknown = await sql.unsafe(`begin; ${statement}; ${text}`).simple();
    const rows = (results as Record<string, unknown>[][]).flat();
    const output = rows.map((row) => Object.values(row)[0]).filter((value) => typeof value === "string");
    const { assertions, problem } = readTap(output);
    return assertions.find(({ outcome }) => outcome === "failed")?.title ?? problem;
  };
  return { name: name.replace(".test.sql", ""), text, milliseconds: 0, run };
}

function permissions(object: string): Suite {
  const lines = readMatrix().filter((line) => line.object === object);
  const run = async (sql: Sql, statement: string) => {
    const tried = await tryLines(sql, lines, statement);
    return tried.find(({ verdict, expected }) => verdict !== expected)?.title;
  };
  return { name: "permissions", text: object, milliseconds: 0, run };
}

/** The failure in a suite after the statement; undefined when all tests pass. */
async function failure(sql: Sql, suite: Suite, statement: string): Promise<string | undefined> {
  try {
    return await suite.run(sql, statement);
  } catch (error) {
    return `raises "${(error as Error).message}"`;
  } finally {
    await sql.unsafe("rollback");
  }
}

/**
 * The first failure in the suites after the statement.
 * @throws when the statement itself fails, which would look like a failure of every test.
 */
export async function killer(sql: Sql, statement: string, suites: Suite[]): Promise<string | undefined> {
  await sql.unsafe(`begin; ${statement}; rollback`).simple();
  for (const suite of suites) {
    const failed = await failure(sql, suite, statement);
    if (failed) return `${suite.name}: ${failed.split("\n")[0]}`;
  }
}

/**
 * Runs each suite on the unchanged schema, and records how long it takes.
 * @throws when a test fails.
 */
export async function timeSuites(sql: Sql, suites: Suite[]): Promise<void> {
  for (const suite of suites) {
    const started = performance.now();
    const failed = await failure(sql, suite, "");
    if (failed) throw new Error(`${suite.name} fails on the schema as it is: ${failed}`);
    suite.milliseconds = performance.now() - started;
  }
}
