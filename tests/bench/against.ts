import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Stack, startStack } from "../support/stack.ts";
import type { Cell } from "./measure/cell.ts";
import type { Options } from "./options.ts";

/** The cells of one scenario: those of the other checkout, and ours, of one pair after the other. */
export interface Compared {
  theirs: Cell[];
  ours: Cell[];
}

const HERE = fileURLToPath(new URL("../..", import.meta.url));
/** Options that only the comparison knows. */
const OWN = ["--against", "--pairs", "--json"];

/** A checkout, and the options with which its bench runs. */
interface Side {
  folder: string;
  options: string[];
}

type Sides = Record<keyof Compared, Side>;

/**
 * Runs the bench of another checkout and ours in turns, so that what else the machine does meets both alike. The one that is first
 * in a pair is second in the next, as the second run of a pair is slower by itself.
 * @param folder the other checkout; its bench may be older and have other columns, but must know the other options.
 * @throws Error when one of the two fails.
 */
export async function compare(folder: string, options: Options, log: (line: string) => void): Promise<Compared[]> {
  const given = withoutOwn(process.argv.slice(2));
  const sides: Sides = { theirs: { folder, options: given }, ours: { folder: HERE, options: given } };
  if (!isRepeatable(options)) return await measurePairs(sides, options.pairs, log);
  // Both stay and are filled once: what is compared is then seconds apart, and the machine is mostly as quick for both.
  log("Starting both stacks …");
  const stacks: Stack[] = [];
  try {
    for (const side of [sides.theirs, sides.ours]) {
      const stack = await startStack({ project: side.folder, isCopied: false });
      stacks.push(stack);
      side.options = [...given, "--status", join(stack.data, "status.json")];
    }
    return await measurePairs(sides, options.pairs, log);
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()));
  }
}

async function measurePairs(sides: Sides, pairs: number, log: (line: string) => void): Promise<Compared[]> {
  const compared = new Map<string, Compared>();
  for (let pair = 1; pair <= pairs; pair++) {
    for (const side of pair % 2 === 1 ? ["theirs", "ours"] as const : ["ours", "theirs"] as const) {
      log(`Pair ${pair} of ${pairs}: ${side === "theirs" ? sides.theirs.folder : "this checkout"} …`);
      for (const cell of await cellsOf(sides[side])) {
        const { scenario, path, connections, scale } = cell;
        const key = JSON.stringify([scenario, path, connections, scale]);
        const cells = compared.get(key) ?? { theirs: [], ours: [] };
        compared.set(key, cells);
        cells[side].push(cell);
      }
    }
  }
  return [...compared.values()].filter(({ theirs, ours }) => theirs.length === pairs && ours.length === pairs);
}

/** Whether all that is measured can be measured again on the same stack: rooms that have grown stay so, and sockets take settings. */
const isRepeatable = ({ growth, live, scale }: Options) => growth.length === 0 && live.length === 0 && scale === 1;

function withoutOwn(args: string[]): string[] {
  return args.filter((arg, index) =>
    !OWN.some((name) => arg === name || arg.startsWith(`${name}=`)) &&
    !OWN.includes(args[index - 1]!)
  );
}

async function cellsOf({ folder, options }: Side): Promise<Cell[]> {
  const results = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const file = join(results, "figures.json");
  const deno = join("node_modules", ".bin", "deno");
  const bench = spawn(deno, ["run", "-A", "tests/bench/main.ts", ...options, "--json", file], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = () => void bench.kill("SIGTERM");
  process.once("exit", stop);
  try {
    const [code] = await once(bench, "exit");
    if (code !== 0) throw new Error(`The bench in ${folder} failed: run it there to see why.`);
    return JSON.parse(await readFile(file, "utf8")).cells ?? [];
  } finally {
    process.off("exit", stop);
    await rm(results, { recursive: true, force: true });
  }
}
