import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { startStack, temporaryFolder } from "../local/stack_process.ts";

/** How many tests ended how. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numTotalTests: number;
  numFailedTests: number;
  success: boolean;
  testResults: { status: string; assertionResults: unknown[] }[];
}

/** Runs vitest with its options, and environment variables beside those of this process. */
export async function vitest(options: string[], env: Record<string, string> = {}): Promise<Counts> {
  const folder = await temporaryFolder();
  const report = join(folder, "report.json");
  try {
    const template = await newDatabase(join(folder, "data"), env.PARLEY_AUTH);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const program = join("node_modules", "vitest", "vitest.mjs");
    const tests = spawn("node", [program, "run", ...reporters, ...options], {
      stdio: "inherit",
      env: { ...process.env, ...env, ...(template && { PARLEY_TEMPLATE: template }) },
    });
    // Ending this program ends the tests, which stop what they have started.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tests.kill(signal));
    process.on("exit", () => tests.kill());
    const [code] = await once(tests, "exit");
    const text = await readFile(report, "utf8").catch(() => undefined);
    return counts(text ? JSON.parse(text) : undefined, code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Sets up a database, which the stacks of the tests copy.
 * @returns its folder; undefined on a machine where it cannot be copied with `cp`.
 */
async function newDatabase(data: string, auth?: string): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  const stack = await startStack({ data, auth });
  await stack.stop();
  // It is elsewhere where the user of Postgres cannot read the temporary folder.
  if (!existsSync(join(data, "postgres"))) return undefined;
  await removeSpareLog(join(data, "postgres", "pg_wal"));
  return data;
}

/** Removes the empty files that a stopped Postgres keeps for its log: a third of what each stack would copy. */
async function removeSpareLog(folder: string): Promise<void> {
  const [, ...spare] = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  await Promise.all(spare.map((name) => rm(join(folder, name))));
}

/** Counts tests; a file that cannot be loaded, or a failure outside of any test, counts as one failed. */
function counts(report: VitestReport | undefined, isOk: boolean): Counts {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: isOk ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Prints the counts as the last line.
 * @returns the exit code.
 */
export function printCounts({ passed, failed, skipped }: Counts): number {
  console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
  return failed ? 1 : 0;
}
