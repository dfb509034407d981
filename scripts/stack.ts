import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What a running stack says of itself in `status.json`. */
export interface Status {
  api_url: string;
  db_url: string;
  functions_url: string;
  publishable_key: string;
  secret_key: string;
  anon_key: string;
  service_role_key: string;
  jwt_secret: string;
  pid: number;
  /** Addresses by what is served there. */
  served: Record<string, string>;
}

/** A stack of its own, on free ports, with data that goes when it stops. */
export interface Stack {
  status: Status;
  stop: () => Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 120_000;

/** Reads `status.json`; undefined while it is not there. */
export async function readStatus(path: string): Promise<Status | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.endsWith("}\n") || text.endsWith("}") ? JSON.parse(text) : undefined;
}

/**
 * Starts a stack in a temporary folder and waits until it answers.
 * @throws with the end of its log when it does not come up.
 */
export function startStack(...options: string[]): Promise<Stack> {
  return startStackWith({}, ...options);
}

/** As startStack, with environment variables of its own. */
export async function startStackWith(env: Record<string, string>, ...options: string[]): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "parley-stack-"));
  const log = join(folder, "stack.log");
  const data = join(folder, "data");
  const stack = launch(log, ["--port", "0", "--db-port", "0", "--data", data, ...options], env);
  const stop = async () => {
    await end(stack);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const status = await ready(stack, join(data, "status.json"));
    return { status, stop };
  } catch (error) {
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    await stop();
    throw new Error(`${(error as Error).message} The end of its log:\n${lines.slice(-30).join("\n")}`);
  }
}

function launch(log: string, options: string[], env: Record<string, string>): ChildProcess {
  const output = openSync(log, "a");
  const deno = join(ROOT, "node_modules", ".bin", "deno");
  // With the flag of npm start: V8 keeps a smaller nursery, and less memory under load.
  const stack = spawn(deno, ["run", "--v8-flags=--max-semi-space-size=8", "-A", "local/start.ts", ...options], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
    shell: process.platform === "win32",
  });
  closeSync(output);
  process.once("exit", () => stack.kill("SIGTERM"));
  return stack;
}

async function ready(stack: ChildProcess, statusPath: string): Promise<Status> {
  let failure = "";
  stack.once("error", (error) => failure = error.message);
  const started = Date.now();
  for (let beat = 1; Date.now() - started < START_TIMEOUT_MS; beat++) {
    if (failure || stack.exitCode !== null) {
      throw new Error(`The stack ended while it was starting${failure && `: ${failure}`}.`);
    }
    const status = await readStatus(statusPath);
    if (status && await isHealthy(status)) return status;
    if (beat % 50 === 0) console.log(`Waiting for the stack (${beat / 10} s) …`);
    await sleep(100);
  }
  throw new Error(`The stack was not ready after ${START_TIMEOUT_MS / 1000} s.`);
}

async function isHealthy({ api_url, publishable_key }: Status): Promise<boolean> {
  const response = await fetch(`${api_url}/auth/v1/health`, { headers: { apikey: publishable_key } }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

async function end(stack: ChildProcess): Promise<void> {
  if (stack.exitCode !== null || stack.signalCode !== null) return;
  const exit = new Promise((resolve) => stack.once("exit", resolve));
  stack.kill("SIGTERM");
  const force = setTimeout(() => stack.kill("SIGKILL"), 15_000);
  await exit;
  clearTimeout(force);
}
