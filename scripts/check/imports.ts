// Fails when modules import each other in a circle (except for types), when folders do, when a folder imports from one
// above it, or an API from another API.
import process from "node:process";
import { type Graph, graphOf, readModules } from "./modules.ts";

/** The folders in each of these do not import each other in a circle, not even types. */
const LAYERED = ["client/sdk/src", "functions/_shared", "local"];
/** What each folder may not import from. */
const FORBIDDEN: Record<string, string[]> = {
  client: ["functions", "local", "scripts", "tests"],
  functions: ["local", "scripts", "tests"],
  local: ["client", "scripts", "tests"],
  scripts: ["tests"],
};

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
