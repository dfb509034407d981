// npm run test:auth -- PROGRAM …: the tests on Supabase Auth itself instead of lite's. What follows the
// path of its program goes to vitest. The last line is `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { onOrphaned } from "../local/base/orphaned.ts";
import { printCounts, vitest } from "./vitest.ts";

const PROJECTS = ["auth", "sql", "import", "api", "client", "relay", "delivery", "model", "browser"];

const [path, ...options] = process.argv.slice(2);
const program = path && resolve(path);
const { stdout = "", status } = program ? spawnSync(program, ["version"], { encoding: "utf8" }) : { status: 1 };
if (!program || status !== 0) {
  console.error(
    "Usage: npm run test:auth -- PROGRAM [options of vitest]\n\nPROGRAM is `auth` of a release of Supabase Auth: " +
      "https://github.com/supabase/auth/releases",
  );
  process.exit(2);
}
onOrphaned(() => process.exit(143));
console.log(`Supabase Auth ${stdout.trim()}`);
const projects = PROJECTS.flatMap((name) => ["--project", name]);
const chosen = options.includes("--project") ? options : [...projects, ...options];
process.exit(printCounts(await vitest(chosen, { PARLEY_AUTH: program })));
