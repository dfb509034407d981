// Fails when modules import each other in a circle (except for types), when folders do, when a folder imports from one
// above it, or an API from another API.
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
type Graph = Map<string, Set<string>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["client", "functions", "local", "scripts", "tests"];
/** The folders in each of these do not import each other in a circle, not even types. */
const LAYERED = ["client/sdk/src", "functions/_shared", "local"];
/** What each folder may not import from. */
const FORBIDDEN: Record<string, string[]> = {
  client: ["functions", "local", "scripts", "tests"],
  functions: ["local", "scripts", "tests"],
  local: ["client", "scripts", "tests"],
  scripts: ["tests"],
};

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ["node_modules", "dist", "release"].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

/** The import graph as Deno resolves it, from one module that imports all others. */
function readModules(): Module[] {
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

function graphOf(modules: Module[], kinds: ("code" | "type")[]): Graph {
  const path = (url: string) => relative(ROOT, fileURLToPath(url)).replaceAll("\\", "/");
  const isOurs = (url?: string) => url?.startsWith("file:") && FOLDERS.includes(path(url).split("/")[0]!);
  return new Map(
    modules.filter(({ specifier }) => isOurs(specifier)).map(({ specifier, dependencies = [] }) => {
      const targets = dependencies.flatMap((one) => kinds.map((kind) => one[kind]?.specifier)).filter(isOurs);
      return [path(specifier), new Set(targets.map((url) => path(url!)))];
    }),
  );
}

/** The folders and files directly in `parent`, with their imports of each other. */
function foldersOf(graph: Graph, parent: string): Graph {
  const folder = (path: string) =>
    path.startsWith(`${parent}/`) ? path.slice(parent.length + 1).split("/")[0] : undefined;
  const folders: Graph = new Map();
  for (const [from, targets] of graph) {
    const name = folder(from);
    if (!name) continue;
    const known = folders.get(name) ?? new Set();
    for (const target of targets) if (folder(target) && folder(target) !== name) known.add(folder(target)!);
    folders.set(name, known);
  }
  return folders;
}

/** The circles in a graph, each as a path. */
function circles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, way: string[]) => {
    if (way.includes(node)) return void found.push([...way.slice(way.indexOf(node)), node].join(" -> "));
    if (done.has(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return found;
}

/** Whether the folder of a module stands below that of its target, or both belong to different APIs. */
function isForbidden(from: string, target: string): boolean {
  const [[folder, api], [targetFolder, targetApi]] = [from.split("/"), target.split("/")];
  if (FORBIDDEN[folder!]?.includes(targetFolder!)) return true;
  return folder === "functions" && targetFolder === folder && targetApi !== api && targetApi !== "_shared";
}

const modules = readModules();
const all = graphOf(modules, ["code", "type"]);
const problems = circles(graphOf(modules, ["code"])).map((way) => `Modules import each other: ${way}`);
for (const parent of LAYERED) {
  problems.push(...circles(foldersOf(all, parent)).map((way) => `Folders of ${parent} import each other: ${way}`));
}
for (const [from, targets] of all) {
  for (const target of targets) if (isForbidden(from, target)) problems.push(`${from} may not import ${target}`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
