// Fails when a file or folder is not named in snake_case. Folders of an API carry the name in its URL: chat-sessions.
import { readdir } from "node:fs/promises";
import process from "node:process";

const FOLDERS = ["client", "functions", "local", "scripts", "tests"];
const IGNORED = new Set(["node_modules", "dist", "results"]);
const SNAKE_CASE = /^[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9_]+)*$/;
/** `_shared`, and documents such as README.md. */
const CONVENTIONAL = /^(_shared|[A-Z]+(\.md)?)$/;
/** Names that a tool expects. */
const EXPECTED = new Set(["package-lock.json"]);

async function* paths(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (IGNORED.has(entry.name) || entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    yield path;
    if (entry.isDirectory()) yield* paths(path);
  }
}

const apis = new Set(await readdir("functions"));
const wrong: string[] = [];
for (const folder of FOLDERS) {
  for await (const path of paths(folder)) {
    const name = path.split("/").at(-1)!;
    const isApi = apis.has(name) && /^(functions|tests\/api)\/[^/]+$/.test(path);
    if (!isApi && !SNAKE_CASE.test(name) && !CONVENTIONAL.test(name) && !EXPECTED.has(name)) wrong.push(path);
  }
}
if (wrong.length > 0) {
  console.error(`Not in snake_case:\n${wrong.join("\n")}`);
  process.exit(1);
}
