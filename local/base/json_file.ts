import { Fault } from "./terminal.ts";

/**
 * Reads a JSON file; undefined when it is not there.
 * @throws Fault when it is no JSON
 */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new Fault(`The file ${path} is damaged; begin anew with --reset, which deletes all data.`);
  }
}

/** Writes a JSON file whole or not at all, readable by its owner only. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(value, null, 2) + "\n", { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}
