// Fails when a file or folder is not named in snake_case. Folders of an API carry the name in its URL: chat-sessions.
import { readdir } from "node:fs/promises";
import process from "node:process";
import { listFiles } from "./files.ts";

const FOLDERS = ["client", "functions", "local", "scripts", "tests"];
const SNAKE_CASE = /^[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9_]+)*$/;
/** `_shared`, and documents such as README.md. */
const CONVENTIONAL = /^(_shared|[A-Z]+(\.md)?)$/;
/** Names that a tool expects. */
const EXPECTED = new Set(["package-lock.json"]);
/** What other chats export, by the names that they give. */
const EXPORTED = "tests/fixtures/exports/";

const apis = new Set(await readdir("functions"));
/** Each file, and each folder that holds one. */
const paths = new Set(
  listFiles(...FOLDERS).flatMap((path) => {
    const names = path.split("/");
    return names.slice(1).map((_, index) => names.slice(0, index + 2).join("/"));
  }),
);
const wrong = [...paths].filter((path) => {
  const name = path.split("/").at(-1)!;
  const isApi = apis.has(name) && /^(functions|tests\/api)\/[^/]+$/.test(path);
  const isHidden = path.includes("/.");
  if (path.startsWith(EXPORTED)) return false;
  return !isApi && !isHidden && !SNAKE_CASE.test(name) && !CONVENTIONAL.test(name) && !EXPECTED.has(name);
});
if (wrong.length > 0) {
  console.error(`Not in snake_case:\n${wrong.join("\n")}`);
  process.exit(1);
}
