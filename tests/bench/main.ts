// npm run bench: see README.md beside this file.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { readStatus, type Stack, startStack } from "../support/stack.ts";
import { compare } from "./against.ts";
import { measureGrowth } from "./growth/run.ts";
import { type LiveCell, type LiveSurroundings, runLive } from "./live/run.ts";
import { liveSettings } from "./live/scenarios.ts";
import type { Cell } from "./measure/cell.ts";
import { memory } from "./measure/processes.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { signIn } from "./people.ts";
import { liveReport } from "./report/live.ts";
import { ratios } from "./report/ratios.ts";
import { strangers } from "./report/strangers.ts";
import { memoryLine, table } from "./report/table.ts";
import { Bench } from "./run.ts";
import { fill, grow } from "./world/fill.ts";
import { readSamples } from "./world/samples.ts";
import { makeWorld, type World } from "./world/world.ts";

const started = performance.now();
let open: OpenStack | undefined;
let interrupted: Promise<void> | undefined;

function log(line: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

/** A stack of our own, or one that runs already. */
type OpenStack = Pick<Stack, "status" | "stop">;

async function openStack(path: string | undefined): Promise<OpenStack> {
  if (!path) {
    log("Starting a stack …");
    return await startStack();
  }
  const status = await readStatus(path);
  if (!status) throw new Error(`There is no ${path}: run npm start first.`);
  return { status, stop: () => Promise.resolve() };
}

/** Measurements fail when the stack stops: that is not worth reporting then. */
function stopOnSignals(): void {
  const stop = () => {
    process.on("uncaughtException", () => {});
    process.on("unhandledRejection", () => {});
    interrupted = (open?.stop() ?? Promise.resolve()).finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
}

/** Measures on a filled stack, with signed-in users. */
async function onStack<Result>(
  options: Options,
  world: World,
  work: (surroundings: LiveSurroundings) => Promise<Result>,
): Promise<Result> {
  open = await openStack(options.status);
  const { status } = open;
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  try {
    await fill(status, world, log);
    const members = await signIn(status, world, options.people, log);
    return await work({ status, sql, members, options, log });
  } finally {
    await sql.end();
    await open.stop();
  }
}

async function measureRequests(surroundings: LiveSurroundings, world: World) {
  const { status, options } = surroundings;
  const content = { world, samples: await readSamples(surroundings.sql), key: status.publishable_key };
  const run = new Bench({ ...surroundings, content });
  const cells = await run.all();
  if (options.scale > 1) {
    await grow(status, world, options.scale, log);
    cells.push(...await run.scaled());
  }
  return { cells, used: await memory(status.pid) };
}

async function measureGrowths(surroundings: LiveSurroundings, world: World): Promise<Cell[]> {
  const content = { world, samples: await readSamples(surroundings.sql), key: surroundings.status.publishable_key };
  const run = new Bench({ ...surroundings, content });
  const cells: Cell[] = [];
  for (const growth of surroundings.options.growth) {
    cells.push(...await measureGrowth(growth, { ...surroundings, world }, run));
  }
  return cells;
}

async function compareWith(folder: string, options: Options): Promise<void> {
  const compared = await compare(folder, options, log);
  console.log(`\n${ratios(compared)}\n`);
  await save(options.json, { options, compared });
}

async function bench(options: Options): Promise<void> {
  if (options.against) return await compareWith(options.against, options);
  stopOnSignals();
  const world = makeWorld();
  const results: Record<string, unknown> = { options, cpus: cpus().map(({ model }) => model), load: loadavg() };
  if (options.only.length > 0) {
    const { cells, used } = await onStack(options, world, (surroundings) => measureRequests(surroundings, world));
    console.log(`\n${table(cells)}\n\n${[memoryLine(used), ...strangers(cells)].join("\n")}\n`);
    Object.assign(results, { memory: used, cells });
  }
  if (options.growth.length > 0) {
    const cells = await onStack(options, world, (surroundings) => measureGrowths(surroundings, world));
    console.log(`\n${table(cells)}\n`);
    Object.assign(results, { growth: cells });
  }
  const live: LiveCell[] = [];
  Object.assign(process.env, liveSettings);
  for (const scenario of options.live) {
    live.push(...await onStack(options, world, (surroundings) => runLive(surroundings, scenario)));
  }
  if (live.length > 0) console.log(`\n${liveReport(live)}\n`);
  await save(options.json, { ...results, live });
}

async function save(file: string | undefined, results: Record<string, unknown>): Promise<void> {
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
