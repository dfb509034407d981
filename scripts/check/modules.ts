import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Module {
  specifier: string;
  dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
}

/** From each module or folder to those that it imports. */
export type Graph = Map<string, Set<string>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["client", "functions", "local", "scripts", "tests"];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ["node_modules", "dist", "release"].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

/** The imports of all modules as Deno resolves them, from one module that imports all others. */
export function readModules(): Module[] {
  const entry = join(tmpdir(), `parley_imports_${process.pid}.ts`);
  writeFileSync(
    entry,
    FOLDERS.flatMap(sources).map((path) => `import "${pathToFileURL(join(ROOT, path))}";\n`).join(""),
  );
  try {
    const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 28 } as const;
    const info = ["info", "--json", "--no-remote", "--config", "deno.json", entry];
    return JSON.parse(execFileSync(process.execPath, info, options)).modules;
  } finally {
    rmSync(entry);
  }
}

/** The graph of our own modules. @param kinds imports of code, of types, or both. */
export function graphOf(modules: Module[], kinds: ("code" | "type")[]): Graph {
  const path = (url: string) => relative(ROOT, fileURLToPath(url)).replaceAll("\\", "/");
  const isOurs = (url?: string) => url?.startsWith("file:") && FOLDERS.includes(path(url).split("/")[0]!);
  return new Map(
    modules.filter(({ specifier }) => isOurs(specifier)).map(({ specifier, dependencies = [] }) => {
      const targets = dependencies.flatMap((one) => kinds.map((kind) => one[kind]?.specifier)).filter(isOurs);
      return [path(specifier), new Set(targets.map((url) => path(url!)))];
    }),
  );
}
