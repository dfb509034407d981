// npm run bench: see README.md beside this file.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { readStatus, type Stack, startStack } from "../../scripts/stack.ts";
import type { Cell } from "./measure/cell.ts";
import { memory } from "./measure/processes.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { signIn } from "./people.ts";
import { memoryLine, table } from "./report/table.ts";
import { strangers } from "./report/strangers.ts";
import { Bench } from "./run.ts";
import { fill, grow } from "./world/fill.ts";
import { makeWorld } from "./world/world.ts";

const started = performance.now();
let interrupted: Promise<void> | undefined;

function log(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

async function openStack(path: string | undefined): Promise<Stack> {
  if (!path) {
    log("Starting a stack …");
    return await startStack();
  }
  const status = await readStatus(path);
  if (!status) throw new Error(`There is no ${path}: run npm start first.`);
  return { status, stop: () => Promise.resolve() };
}

/** What runs fails when the stack goes: that is then no news. */
function stopOnSignals(stack: Stack): void {
  const stop = () => {
    process.on("uncaughtException", () => {});
    process.on("unhandledRejection", () => {});
    interrupted = stack.stop().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
}

async function bench(options: Options): Promise<void> {
  const stack = await openStack(options.status);
  stopOnSignals(stack);
  const { status } = stack;
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  try {
    const world = makeWorld();
    await fill(status, world, log);
    const members = await signIn(status, world, options.people, log);
    const run = new Bench({ status, sql, world, members, options, log });
    const cells = await run.all();
    if (options.scale > 1) {
      await grow(status, world, options.scale, log);
      cells.push(...await run.scaled());
    }
    const used = await memory(status.pid);
    console.log(`\n${table(cells)}\n\n${[memoryLine(used), ...strangers(cells)].join("\n")}`);
    await save(options.json, { options, cpus: cpus().map(({ model }) => model), memory: used, cells });
  } finally {
    await sql.end();
    await stack.stop();
  }
}

async function save(file: string | undefined, results: { cells: Cell[]; [name: string]: unknown }): Promise<void> {
  const at = new Date().toISOString();
  const path = file ?? fileURLToPath(new URL(`results/${at.replaceAll(":", "-")}.json`, import.meta.url));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify({ at, ...results }, null, 2) + "\n");
  console.log(`The figures are in ${path}.`);
}

try {
  const options = readOptions();
  if (options) await bench(options);
  else console.log(usage);
} catch (error) {
  await interrupted;
  console.error((error as Error).message);
  process.exit(1);
}
