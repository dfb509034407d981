// npm run test:auth -- [PROGRAM] …: the tests on Supabase Auth itself instead of lite's. PROGRAM is `auth` of one of its
// releases; without it, one is built with Go. The rest goes to vitest. The last line is `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { onOrphaned } from "../local/base/orphaned.ts";
import { buildAuth } from "./auth_program.ts";
import { printCounts, vitest } from "./vitest.ts";

const PROJECTS = ["auth", "sql", "import", "api", "client", "relay", "delivery", "model", "browser"];

const args = process.argv.slice(2);
const versionOf = (path: string) => spawnSync(resolve(path), ["version"], { encoding: "utf8" });
const isGiven = args[0] !== undefined && versionOf(args[0]).status === 0;
let program: string;
try {
  program = isGiven ? resolve(args[0]!) : buildAuth();
} catch (error) {
  console.error(
    `${(error as Error).message}\n\nUsage: npm run test:auth -- [PROGRAM] [options of vitest]\n\n` +
      "PROGRAM is `auth` of a release of Supabase Auth: https://github.com/supabase/auth/releases",
  );
  process.exit(2);
}
const options = isGiven ? args.slice(1) : args;
onOrphaned(() => process.exit(143));
console.log(`Supabase Auth ${versionOf(program).stdout.trim()}`);
const projects = PROJECTS.flatMap((name) => ["--project", name]);
const chosen = options.includes("--project") ? options : [...projects, ...options];
process.exit(printCounts(await vitest(chosen, { PARLEY_AUTH: program })));
