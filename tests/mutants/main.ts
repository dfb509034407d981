// npm run mutants [-- --from number] [word …]: removes each policy, trigger, check, key and grant in turn, and from the functions each refusal,
// call, condition and check (or those whose line contains one of the words), and shows which SQL test fails for it. Fails when all
// tests miss one. Each line begins with a number, from which a run that was stopped goes on.
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Sql } from "postgres";
import { connect } from "../sql/permissions/run.ts";
import { prepareDatabase } from "../sql/prepare.ts";
import { readStatus, startStack } from "../support/stack.ts";
import { listMutants, type Mutant } from "./list.ts";
import { inOrder, isGeneral, readSources } from "./order.ts";
import { Reach } from "./reach.ts";
import { killer, readSuites, type Suite } from "./suites.ts";

/** A stack for each processor; or the running one that PARLEY_STATUS names, which is left unchanged. */
async function openStacks(): Promise<{ url: string; stop: () => Promise<void> }[]> {
  const running = process.env.PARLEY_STATUS ? await readStatus(process.env.PARLEY_STATUS) : undefined;
  if (running) return [{ url: running.db_url, stop: () => Promise.resolve() }];
  const stacks = await Promise.all(Array.from({ length: availableParallelism() }, () => startStack()));
  return stacks.map(({ status, stop }) => ({ url: status.db_url, stop }));
}

type Numbered = Mutant & { number: number };

function lineOf({ kind, name }: Mutant): string {
  return `${kind.padEnd(14)} ${name.replaceAll(/\s+/g, " ").padEnd(90)}`;
}

/** Takes mutants from the front until none is left, and adds those that no suite kills to the survivors. */
async function hunt(sql: Sql, mutants: Numbered[], suites: Suite[], survivors: Mutant[]): Promise<void> {
  const sources = await readSources();
  let reach: Reach | undefined;
  for (let mutant = mutants.shift(); mutant; mutant = mutants.shift()) {
    const started = performance.now();
    const isPossible = (suite: Suite) => !reach || reach.isPossible(suite, mutant);
    const { about, others } = inOrder(suites, mutant, sources);
    let killedBy = await killer(sql, mutant.statement, about.filter(isPossible));
    if (!killedBy) {
      reach ??= await Reach.of(sql, suites.filter((suite) => isGeneral(suite) && !suite.isLong));
      killedBy = await killer(sql, mutant.statement, others.filter(isPossible));
    }
    if (!killedBy) survivors.push(mutant);
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
    console.log(`${String(mutant.number).padStart(4)} ${seconds} s ${lineOf(mutant)} ${killedBy ?? "SURVIVES"}`);
  }
}

async function main(given: string[]): Promise<void> {
  const { values: { from }, positionals: words } = parseArgs({
    args: given,
    options: { from: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const stacks = await openStacks();
  const databases = stacks.map(({ url }) => connect(url));
  try {
    await Promise.all(stacks.map(({ url }) => prepareDatabase(url)));
    const suites = await readSuites();
    const all = await listMutants(databases[0]!);
    const mutants = all.map((mutant, index) => ({ ...mutant, number: index + 1 })).filter((mutant) =>
      mutant.number >= Number(from) && (words.length === 0 || words.some((word) => lineOf(mutant).includes(word)))
    );
    const survivors: Mutant[] = [];
    const count = mutants.length;
    await Promise.all(databases.map((sql) => hunt(sql, mutants, suites, survivors)));
    for (const { kind, statement } of survivors) console.log(`\nNo test fails without this ${kind}: ${statement}`);
    console.log(`\n${count} mutants, ${count - survivors.length} killed`);
    process.exitCode = survivors.length > 0 ? 1 : 0;
  } finally {
    await Promise.all(databases.map((sql) => sql.end()));
    await Promise.all(stacks.map(({ stop }) => stop()));
  }
}

await main(process.argv.slice(2));
