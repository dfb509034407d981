// npm run types: writes client/sdk/src/contract/database.ts, the types of the Data API, from a stack of its own.
import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { startStack } from "../local/stack_process.ts";

/** The file of the generated types. */
export const TYPES_PATH = "client/sdk/src/contract/database.ts";

const bin = (name: string) => join("node_modules", ".bin", name);

/** Generates the types of schema `chat` with the Supabase CLI. */
export async function databaseTypes(databaseUrl: string): Promise<string> {
  const options = ["gen", "types", "typescript", `--remote=${databaseUrl}`, "--schema", "chat"];
  // Otherwise the output contains remarks.
  options.push("--output-format", "json");
  const { stdout } = await promisify(execFile)(bin("supabase"), options, { maxBuffer: 2 ** 26 });
  const text = `// Generated from sql/ by \`npm run types\`.\n${stdout}`;
  const formatted = spawnSync(bin("deno"), ["fmt", "--ext", "ts", "-"], { input: text, encoding: "utf8" });
  if (formatted.status !== 0) throw new Error(formatted.stderr);
  return formatted.stdout;
}

async function writeTypes(): Promise<void> {
  const stack = await startStack();
  try {
    await mkdir(dirname(TYPES_PATH), { recursive: true });
    await writeFile(TYPES_PATH, await databaseTypes(stack.status.db_url));
  } finally {
    await stack.stop();
  }
}

if (process.argv[1]?.endsWith("types.ts")) await writeTypes();
