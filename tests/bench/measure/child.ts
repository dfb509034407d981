import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The report of one of the processes in `load/`. */
export interface Outcome {
  requests: number;
  rate: number;
  /** Milliseconds; null when no request succeeded. */
  p50: number | null;
  p99: number | null;
  max: number | null;
  /** Responses other than 2xx, and connections that failed. */
  errors: number;
  /** How many of each kind. */
  reasons: Record<string, number>;
  /** Seconds of processor time of that process. */
  cpu: number;
}

/** Called at the edges of the measured time; the process keeps loading. */
export interface Edges {
  onStart: () => Promise<void>;
  onEnd: () => Promise<void>;
}

/** Runs a process of `load/` on Node. */
export async function runLoad(name: "load" | "direct", job: object, { onStart, onEnd }: Edges): Promise<Outcome> {
  const script = fileURLToPath(new URL(`../load/${name}.mjs`, import.meta.url));
  const child = spawn(process.env.npm_node_execpath ?? "node", [script], { stdio: ["pipe", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit");
  child.stdin.end(JSON.stringify(job));
  let outcome: Outcome | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "start") {
      await onStart();
      continue;
    }
    await onEnd();
    outcome = JSON.parse(line);
    kill();
  }
  await ended;
  process.off("exit", kill);
  if (!outcome) throw new Error(`The process ${name} ended without a result.`);
  return outcome;
}
