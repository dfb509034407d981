// Fails when package-lock.json lacks the packages of other platforms, without which npm installs no Deno there.
// npm drops them when its registry has only those of this machine; `--fix` puts them back (without their hashes).
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

interface Package {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const LOCKFILE = new URL("../../package-lock.json", import.meta.url);
const SYSTEMS: Record<string, string> = { apple: "darwin", windows: "win32", win32: "win32", darwin: "darwin" };

/** The entry of a platform's package, derived from its name: `@deno/linux-arm64-glibc`, `cli-x86_64-apple-darwin`. */
function platformEntry(name: string, version: string, parent: Package): Package {
  const words = name.split(/[/-]/);
  const system = words.map((word) => SYSTEMS[word]).find(Boolean) ?? "linux";
  const libc = words.includes("musl") ? "musl" : "glibc";
  return {
    version,
    cpu: [/arm64|aarch64/.test(name) ? "arm64" : "x64"],
    ...(parent.dev ? { dev: true } : {}),
    ...(system === "linux" ? { libc: [libc] } : {}),
    optional: true,
    os: [system],
  };
}

const lock = JSON.parse(await readFile(LOCKFILE, "utf8"));
const packages: Record<string, Package> = lock.packages;
const missing = Object.values(packages).flatMap((parent) =>
  Object.entries(parent.optionalDependencies ?? {})
    .filter(([name]) => !packages[`node_modules/${name}`])
    .map(([name, version]) => [`node_modules/${name}`, platformEntry(name, version, parent)] as const)
);

if (process.argv.includes("--fix")) {
  const [root = ["", {}], ...rest] = Object.entries({ ...packages, ...Object.fromEntries(missing) });
  lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => a.localeCompare(b, "en"))]);
  await writeFile(LOCKFILE, `${JSON.stringify(lock, null, 2)}\n`);
} else if (missing.length > 0) {
  console.error(`package-lock.json lacks ${missing.map(([key]) => key).join(", ")}.`);
  console.error("Run deno run -A scripts/check/lockfile.ts --fix.");
  process.exit(1);
}
