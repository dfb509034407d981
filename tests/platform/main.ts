// npm run test:platform: the tests against a running Supabase with Parley, given by URL and keys. The last line is
// `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { CliError } from "../../client/cli/src/terminal.ts";
import { onOrphaned } from "../../local/base/orphaned.ts";
import { type Counts, printCounts, vitest } from "../../scripts/vitest.ts";
import type { Status } from "../support/stack.ts";
import { supabaseCli } from "../support/supabase_cli.ts";
import { leftOut } from "./files.ts";
import { servePage } from "./page.ts";
import { checkTarget, NAMES, TargetError, targetOf } from "./target.ts";

const HELP = `npm run test:platform -- [--url URL] [--key PUBLISHABLE_KEY] [-- options of vitest]

Runs the tests against a Supabase with this release of Parley, which nobody uses. The environment has what
supabase status -o env prints: ${Object.values(NAMES).join(", ")}.
Secrets are no options, because npm prints those. --list prints the test files that are left out.`;

/** One after the other: rooms and people of other tests would disturb those of the first two, and imported rooms all. */
const GROUPS = [["sql"], ["realtime"], ["api", "relay", "client", "delivery", "model", "browser"], ["import"]];

async function runTests(target: Status, options: string[]): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "parley-platform-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  using page = await servePage(target.api_url, target.publishable_key);
  const path = join(folder, "status.json");
  await writeFile(path, JSON.stringify({ ...target, page_url: page.url }), { mode: 0o600 });
  const excluded = leftOut().flatMap((file) => ["--exclude", file]);
  const isChosen = options.some((option) => option.startsWith("--project"));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const group of isChosen ? [[]] : GROUPS) {
    const projects = group.flatMap((name) => ["--project", name]);
    const counts = await vitest([...projects, ...excluded, ...options], { PARLEY_STATUS: path });
    for (const key of ["passed", "failed", "skipped"] as const) sum[key] += counts[key];
  }
  return sum;
}

/**
 * What is left of the CLI's checks: tests/sql/cli.test.ts has the others, and `local/` lacks an extension for this one. It
 * warns of casts on assignment and of jobs whose loops have no end, as they are meant.
 */
async function lint({ db_url }: Status): Promise<Counts> {
  const sql = postgres(db_url, { max: 1, prepare: false });
  const [found] = await sql`select from pg_available_extensions where name = 'plpgsql_check'`.finally(() => sql.end());
  if (!found) {
    console.log("\nLeft out: supabase db lint. The database does not have its extension, plpgsql_check.");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const { program, remote, env } = supabaseCli(db_url);
  const options = ["db", "lint", remote, "--schema", "chat,chat_private", "--fail-on", "error"];
  const isClean = spawnSync(program, options, { env, stdio: "inherit" }).status === 0;
  return { passed: isClean ? 1 : 0, failed: isClean ? 0 : 1, skipped: 0 };
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string" },
      key: { type: "string" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help || values.list) {
    console.log(values.help ? HELP : leftOut().join("\n"));
    return 0;
  }
  const target = targetOf(values.url, values.key);
  // JWT_SECRET is also a setting of the functions that tests start.
  for (const name of Object.values(NAMES)) delete process.env[name];
  await checkTarget(target);
  const [tests, check] = [await runTests(target, positionals), await lint(target)];
  return printCounts({
    passed: tests.passed + check.passed,
    failed: tests.failed + check.failed,
    skipped: tests.skipped + check.skipped,
  });
}

onOrphaned(() => process.exit(143));
try {
  process.exit(await main());
} catch (error) {
  const isOption = (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  if (!isOption && !(error instanceof TargetError) && !(error instanceof CliError)) throw error;
  console.error((error as Error).message);
  process.exit(isOption ? 2 : 1);
}
