// npm run test:upstream -- [SUITE …]: Supabase's own tests on `local/`. It fails when a test fails, or passes, that did not
// before: limitations.json lists those that fail.
import process from "node:process";
import { parseArgs } from "node:util";
import { onOrphaned } from "../../local/base/orphaned.ts";
import { temporaryStack } from "../support/project.ts";
import { compare, readLimitations } from "./limitations.ts";
import type { Outcome } from "./outcome.ts";
import { checkOut, installPackages, SetupError } from "./sources.ts";
import { type Suite, SUITES } from "./suites.ts";

const HELP = `npm run test:upstream -- [SUITE …]

Runs Supabase's own tests on this stack: ${Object.keys(SUITES).join(", ")}.`;

async function runSuite(name: string, { source, settings, test }: Suite, packages: string): Promise<Outcome[]> {
  const folder = await checkOut(source, packages);
  await using stack = await temporaryStack([], { REALTIME_ALLOW_PUBLIC_ACCESS: "1" }, (config) => {
    return Object.entries(settings).reduce((text, [line, other]) => {
      if (!text.includes(line)) throw new SetupError(`supabase/config.toml has no line "${line}".`);
      return text.replace(line, other);
    }, config);
  });
  return (await test(stack, folder)).map((outcome) => ({ ...outcome, name: `${name} › ${outcome.name}` }));
}

function printCounts(name: string, outcomes: Outcome[]): void {
  const count = (state: Outcome["state"]) => outcomes.filter((outcome) => outcome.state === state).length;
  console.log(`${name}: ${count("passed")} of ${outcomes.length} passed, ${count("failed")} failed`);
}

function print(title: string, lines: string[]): void {
  if (lines.length > 0) console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const wrong = names.find((name) => !(name in SUITES));
  if (values.help || wrong) {
    console.log(wrong ? `There is no suite "${wrong}".\n\n${HELP}` : HELP);
    return wrong ? 2 : 0;
  }
  const packages = await installPackages();
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const ended = await runSuite(name, SUITES[name]!, packages);
    printCounts(name, ended);
    outcomes.push(...ended);
  }
  const { failures, passes, unknown } = compare(outcomes, await readLimitations());
  print("These fail, and did not:", failures.map(({ name, reason }) => `${name}\n    ${reason ?? ""}`));
  print("These pass now; take them out of tests/upstream/limitations.json:", passes.map(({ name }) => name));
  print("tests/upstream/limitations.json names these, and no suite has them:", unknown);
  const isExpected = failures.length + passes.length + unknown.length === 0;
  if (isExpected) console.log("\nAll as tests/upstream/limitations.json says.");
  return isExpected ? 0 : 1;
}

onOrphaned(() => process.exit(143));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
try {
  process.exit(await main());
} catch (error) {
  const isOption = (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
  if (!isOption && !(error instanceof SetupError)) throw error;
  console.error((error as Error).message);
  process.exit(isOption ? 2 : 1);
}
