/** Reads a JSON file; undefined when it is not there. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes a JSON file whole or not at all, readable by its owner only. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(value, null, 2) + "\n", { mode: 0o600 });
  await Deno.rename(`${path}.new`, path);
}
