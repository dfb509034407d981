// node scripts/run.mjs [--page] PROGRAM …: installs the packages if need be, builds the chat page with --page, then runs the
// program. Every script of package.json begins like this. Node only, no packages.
import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ORPHAN_CHECK_MS = 250;

const [first, ...rest] = process.argv.slice(2);
const isPageNeeded = first === "--page";
const [program, ...options] = isPageNeeded ? rest : [first, ...rest];

/** A process of its own, so that its memory is free again while the program runs. */
function runFirst(script) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, [path], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

runFirst("setup.mjs");
if (isPageNeeded) runFirst("page.mjs");

// npm has put node_modules/.bin into PATH; on Windows the programs there need a shell.
const child = spawn(program, options, { stdio: "inherit", shell: process.platform === "win32" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// The shell by which npm runs this may end on a signal without passing it on.
const parent = process.ppid;
setInterval(() => process.ppid === parent || child.kill("SIGTERM"), ORPHAN_CHECK_MS).unref();
child.on("error", ({ message }) => {
  console.error(message);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal) { for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name); }
  if (signal) process.kill(process.pid, signal);
  else process.exit(code);
});
