import { type ChildProcess, spawn } from "node:child_process";
import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Status } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const deno = join(root, "node_modules", ".bin", "deno");

/** A program under test. */
export interface Run {
  child: ChildProcess;
  /** Its output so far. */
  output: () => string;
  /** Its exit code once it has ended. */
  exit: Promise<number | null>;
}

/** A stack that responds. */
export interface Running extends Run {
  status: Status;
  data: string;
  /** Milliseconds until it responded. */
  took: number;
}

/** Runs a program of `local/`; it is killed at the end of the test if it still runs. */
export function run(program: string, args: string[], env: Record<string, string> = {}, project = root): Run {
  const child = spawn(deno, ["run", "-A", `local/${program}.ts`, ...args], {
    cwd: project,
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => output += text);
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => output, exit };
}

/** A folder of its own that Postgres's user may enter. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parley-local-"));
  await chmod(folder, 0o755);
  return folder;
}

/** Starts a stack on free ports and waits until it responds. */
export async function runStack(
  data: string,
  args: string[] = [],
  env: Record<string, string> = {},
  project = root,
): Promise<Running> {
  const began = performance.now();
  const running = run("start", ["--port", "0", "--db-port", "0", "--data", data, ...args], env, project);
  let ended = false;
  running.exit.then(() => ended = true);
  for (;;) {
    if (ended) throw new Error(`The stack ended while it was starting:\n${running.output()}`);
    const status = await readFile(join(data, "status.json"), "utf8").then(JSON.parse, () => undefined);
    if (status?.pid === running.child.pid && running.output().includes("Parley is running")) {
      return { ...running, status, data, took: performance.now() - began };
    }
    await sleep(20);
  }
}

/** The project with another `config.toml`, in a folder. */
async function projectWith(settings: (config: string) => string, folder: string): Promise<string> {
  const project = join(folder, "project");
  await cp(join(root, "local"), join(project, "local"), { recursive: true });
  await cp(join(root, "supabase"), join(project, "supabase"), { recursive: true });
  for (const name of ["client", "deno.json", "functions", "node_modules", "package.json"]) {
    await symlink(join(root, name), join(project, name));
  }
  const config = join(project, "supabase", "config.toml");
  await writeFile(config, settings(await readFile(config, "utf8")));
  return project;
}

/**
 * A stack for one file of tests: its folder is deleted when it stops.
 * @param settings changes `config.toml`.
 */
export async function temporaryStack(
  args: string[] = [],
  env: Record<string, string> = {},
  settings?: (config: string) => string,
) {
  const folder = await temporaryFolder();
  const project = settings && await projectWith(settings, folder);
  const running = await runStack(join(folder, "data"), args, env, project);
  return {
    ...running,
    async stop() {
      running.child.kill("SIGTERM");
      await running.exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The process that runs Postgres. */
export async function postmasterPid(data: string): Promise<number> {
  return parseInt(await readFile(join(data, "postgres", "postmaster.pid"), "utf8"));
}

/** Whether a process has that id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Occupies a port until the test ends. */
export async function occupyPort(): Promise<number> {
  const server = await new Promise<Server>((resolve) => {
    const server: Server = createServer().listen(0, "127.0.0.1", () => resolve(server));
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" ? address!.port : 0;
}
