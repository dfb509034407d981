// deno run -A tests/import/exports/large.ts: imports exports of 20 and of 200 MB, and prints time and memory; fails when memory
// grows with the export. It takes two minutes, so it is not a test.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startStack } from "../../../local/stack_process.ts";
import { growChannel } from "./grow.ts";

const MAX_GROWTH = 1.2;

await using stack = await startStack({});
const folder = await mkdtemp(join(tmpdir(), "parley-large-"));
const peaks: number[] = [];
for (const megabytes of [20, 200]) {
  const file = join(folder, `${megabytes}.json`);
  await growChannel(file, { id: String(megabytes), megabytes });
  const began = performance.now();
  const peak = await importFile(file, `large-${megabytes}`);
  peaks.push(peak);
  console.log(`${megabytes} MB: ${((performance.now() - began) / 1000).toFixed(0)} s, ${peak.toFixed(0)} MB of memory`);
}
await rm(folder, { recursive: true });
process.exitCode = peaks[1]! > peaks[0]! * MAX_GROWTH ? 1 : 0;

/** Runs the import; returns its highest memory in megabytes, as Linux knows it. */
async function importFile(file: string, name: string): Promise<number> {
  const flags = ["--v8-flags=--max-semi-space-size=2", "-A"];
  const options = ["discord", file, "--name", name, "--db-url", stack.status.db_url];
  const child = spawn(process.execPath, ["run", ...flags, "scripts/import.ts", ...options], { stdio: "inherit" });
  let peak = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }, 200);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`The import ended with ${code}.`);
  return peak;
}
