import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import { readMatrix } from "../sql/permissions/matrix.ts";
import { tryLines } from "../sql/permissions/run.ts";
import { readTap } from "../sql/tap.ts";

/** Tests that run together, in a transaction that is rolled back. */
export interface Suite {
  name: string;
  /** Its subject: its SQL, or the object whose permissions it tries; empty for those of all objects. */
  text: string;
  /** How long it took when it last passed; a guess before that. */
  milliseconds: number;
  isLong: boolean;
  /** Runs it after `statement`, in the same transaction; returns the first test that fails, or raises. */
  run: (sql: Sql, statement: string) => Promise<string | undefined>;
}

/** These take up to a minute, and are tried last. */
const LONG = ["320_turns", "484_account_export", "570_search_filters", "570_search_messages_pages", "700_explain"];

/** Without a condition, some loops never end. */
const start = (isLong: boolean) => `discard plans; begin; set local statement_timeout = '${isLong ? 300 : 30}s'`;

const folder = join("tests", "sql");

/** The pgTAP files, and the permissions: object by object, and all. */
export async function readSuites(): Promise<Suite[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".test.sql")).sort();
  const files = names.map(async (name) => pgtap(name, await readFile(join(folder, name), "utf8")));
  const objects = [...new Set(readMatrix().map(({ object }) => object))];
  return [...await Promise.all(files), ...objects.map(permissions), permissions("")];
}

function pgtap(name: string, file: string): Suite {
  // failure() rolls back.
  const text = file.replace(/\brollback;\s*$/, "");
  const isLong = LONG.includes(name.replace(".test.sql", ""));
  const run = async (sql: Sql, statement: string) => {
    // One message to the server for the whole file; its own `begin` joins the open transaction. Plans that were made for the
    // few rows of other files would take minutes with many.
    const results: unknown = await sql.unsafe(`${start(isLong)}; ${statement}; ${text}`).simple();
    const rows = (results as Record<string, unknown>[][]).flat();
    const output = rows.map((row) => Object.values(row)[0]).filter((value) => typeof value === "string");
    const { assertions, problem } = readTap(output);
    return assertions.find(({ outcome }) => outcome === "failed")?.title ?? problem;
  };
  return { name: name.replace(".test.sql", ""), text, milliseconds: text.length / 10, isLong, run };
}

function permissions(object: string): Suite {
  const lines = readMatrix().filter((line) => object === "" || line.object === object);
  const run = async (sql: Sql, statement: string) => {
    const tried = await tryLines(sql, lines, statement);
    return tried.find(({ verdict, expected }) => verdict !== expected)?.title;
  };
  return { name: "permissions", text: object, milliseconds: object === "" ? 5_000 : 500, isLong: false, run };
}

/** The failure in a suite after the statement; undefined when all tests pass. */
async function failure(sql: Sql, suite: Suite, statement: string): Promise<string | undefined> {
  const started = performance.now();
  try {
    const failed = await suite.run(sql, statement);
    if (!failed) suite.milliseconds = performance.now() - started;
    return failed;
  } catch (error) {
    return `raises "${(error as Error).message}"`;
  } finally {
    await sql.unsafe("rollback");
  }
}

/** The suites that pass on the schema as it is. */
const sound = new WeakSet<Suite>();

/**
 * The first failure in the suites after the statement.
 * @throws when the statement itself fails, which would look like a failure of every test, and when the suite also fails
 * without the statement.
 */
export async function killer(sql: Sql, statement: string, suites: Suite[]): Promise<string | undefined> {
  await sql.unsafe(`begin; ${statement}; rollback`).simple();
  for (const suite of suites) {
    const failed = await failure(sql, suite, statement);
    if (!failed) continue;
    const always = sound.has(suite) ? undefined : await failure(sql, suite, "");
    if (always) throw new Error(`${suite.name} fails on the schema as it is: ${always}`);
    sound.add(suite);
    return `${suite.name}: ${failed.split("\n")[0]}`;
  }
}
