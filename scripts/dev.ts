// npm run dev: the stack with its own data (.local/dev), restarted when its sources change; with empty data when sql/ changes.
import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { join, sep } from "node:path";
import process from "node:process";
import { onOrphaned } from "../local/base/orphaned.ts";

const DATA = join(".local", "dev");
const FOLDERS = ["local", "functions", "client/sdk/src/contract", "sql", "supabase"];
let stack: ChildProcess | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let hasSchemaChanged = false;
let isStopping = false;

function start(...options: string[]): void {
  const command = ["run", "-A", "local/start.ts", "--from-sql", "--data", DATA, ...options, ...process.argv.slice(2)];
  stack = spawn(process.execPath, command, { stdio: "inherit" });
  stack.once("exit", (code) => {
    if (isStopping) process.exit(code ?? 0);
  });
}

async function end(): Promise<void> {
  if (!stack || stack.exitCode !== null || stack.signalCode !== null) return;
  const exit = new Promise((resolve) => stack?.once("exit", resolve));
  stack.kill("SIGTERM");
  await exit;
}

async function restart(): Promise<void> {
  const options = hasSchemaChanged ? ["--reset"] : [];
  console.log(hasSchemaChanged ? "\nsql/ changed: starting with an empty database …" : "\nRestarting …");
  hasSchemaChanged = false;
  await end();
  start(...options);
}

function changed(folder: string, name: string | null): void {
  if (!name || !/\.(ts|sql|json|toml|html)$/.test(name) || name.startsWith(`migrations${sep}`)) return;
  if (folder === "sql") hasSchemaChanged = true;
  clearTimeout(timer);
  timer = setTimeout(restart, 150);
}

async function stop(): Promise<void> {
  isStopping = true;
  await end();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
onOrphaned(stop);

for (const folder of FOLDERS) watch(folder, { recursive: true }, (_event, name) => changed(folder, name));
start();
