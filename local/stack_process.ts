import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readStatus, type Status } from "./base/status_file.ts";

export { readStatus, type Status };

/** How to start a stack. */
export interface StackOptions {
  /** The data folder; by default a temporary one, which is deleted when the stack stops. */
  data?: string;
  /** More options of `npm start`, such as `--demo`. */
  args?: string[];
  /** The program of Supabase Auth, to run instead of lite's Auth. */
  auth?: string;
  /** Environment variables beside those of this process. */
  env?: Record<string, string>;
  /** The folder of the project to start; this one by default. */
  project?: string;
}

/** A stack that runs in a process of its own. `await using` stops it at the end of the block. */
export interface Stack extends AsyncDisposable {
  status: Status;
  /** The data folder. */
  data: string;
  child: ChildProcess;
  /** What the stack has printed so far. */
  output: () => string;
  /** Resolves to the exit code once the process has ended. */
  exit: Promise<number | null>;
  /** Milliseconds that the start took. */
  took: number;
  /** Stops the stack and deletes its temporary folder. */
  stop: () => Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 20;
const READY = "Parley is running";

/**
 * Starts a stack on free ports in a process of its own and waits until it is ready.
 *
 * @example
 * await using stack = await startStack({ env: { DB_POOL_SIZE: "2" } });
 * await fetch(`${stack.status.functions_url}/messenger/api/docs/`);
 *
 * @throws Error with the end of its output when it does not start.
 */
export async function startStack(
  { data, args = [], auth, env = {}, project = ROOT }: StackOptions = {},
): Promise<Stack> {
  const startedAt = performance.now();
  const temporary = data === undefined ? await temporaryFolder() : undefined;
  const folder = data ?? join(temporary!, "data");
  const options = ["--port", "0", "--db-port", "0", "--data", folder, ...(auth ? ["--auth", auth] : []), ...args];
  const run = runProgram("start", options, env, project);
  const stop = async () => {
    await end(run);
    if (temporary) await rm(temporary, { recursive: true, force: true });
  };
  try {
    const status = await ready(run, join(folder, "status.json"));
    return { ...run, status, data: folder, took: performance.now() - startedAt, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    const lines = run.output().trimEnd().split("\n").slice(-30);
    throw new Error(`${(error as Error).message} The end of its output:\n${lines.join("\n")}`);
  }
}

/** A program of `local/` in a process. */
export type Run = Pick<Stack, "child" | "output" | "exit">;

/** Runs `local/<program>.ts`; the process ends with this one. */
export function runProgram(program: string, args: string[], env: Record<string, string> = {}, project = ROOT): Run {
  const deno = join(ROOT, "node_modules", ".bin", "deno");
  // The flag of npm start: a smaller nursery of V8, and less memory under load.
  const options = ["run", "--v8-flags=--max-semi-space-size=8", "-A", `local/${program}.ts`, ...args];
  const child = spawn(deno, options, {
    cwd: project,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => output += text);
  child.on("error", ({ message }) => output += `${message}\n`);
  const kill = () => void child.kill("SIGTERM");
  process.once("exit", kill);
  const exit = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      process.off("exit", kill);
      resolve(code);
    })
  );
  return { child, output: () => output, exit };
}

/** A folder that the user of Postgres can enter. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parley-stack-"));
  await chmod(folder, 0o755);
  return folder;
}

async function ready({ output, exit }: Run, statusPath: string): Promise<Status> {
  const startedAt = Date.now();
  let isOver = false;
  exit.then(() => isOver = true);
  while (Date.now() - startedAt < START_TIMEOUT_MS) {
    if (isOver) throw new Error("The stack ended while it was starting.");
    const status = output().includes(READY) ? await readStatus(statusPath) : undefined;
    if (status) return status;
    await sleep(POLL_MS);
  }
  throw new Error(`The stack was not ready after ${START_TIMEOUT_MS / 1000} s.`);
}

async function end({ child, exit }: Run): Promise<void> {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exit;
  clearTimeout(force);
}
