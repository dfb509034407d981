// Builds the chat page, client/web, when its sources are newer than what was built. Node only, as set-up is.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "client", "web");
const dist = join(web, "dist");
const sources = [
  ...["src", "public", "index.html", "admin.html", "vite.config.ts"].map((name) => join(web, name)),
  join(root, "client", "sdk", "src"),
  join(root, "package-lock.json"),
];

/** The latest modification time of a file, or of anything in a folder. */
function changedAt(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}

/** Replaces a folder atomically. When two builds run at once, either result is fine. */
function replace(folder, other) {
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(other, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(other, { recursive: true });
  }
}

/** Builds the page into client/web/dist if that is stale. */
export default async function buildPage() {
  const built = statSync(join(dist, "admin.html"), { throwIfNoEntry: false });
  if (built && built.mtimeMs >= Math.max(...sources.map(changedAt))) return;
  console.log("Building the chat page …");
  const started = Date.now();
  const { build } = await import("vite");
  // Vitest has its own, and then the page would keep what is for development.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  const mine = join(root, "node_modules", `.page-${process.pid}`);
  await build({
    root: web,
    configFile: join(web, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: mine, emptyOutDir: true },
  });
  if (NODE_ENV === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = NODE_ENV;
  replace(dist, mine);
  console.log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
