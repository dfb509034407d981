import { readFile, rename, writeFile } from "node:fs/promises";
import { CliError } from "./terminal.ts";

/**
 * Reads a JSON file; undefined when there is none.
 * @throws CliError when it is not JSON
 */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(`The file ${path} is damaged; start over with --reset, which deletes all data.`);
  }
}

/** Writes a JSON file atomically, readable by its owner only. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(value, null, 2) + "\n", { mode: 0o600 });
  await rename(`${path}.new`, path);
}
