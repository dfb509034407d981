import { parseEnv } from "node:util";
import { Fault } from "./fault.ts";

/**
 * Sets the environment variables of a file such as `.env`, but for those that are set already, and for those without a value.
 * @param isWanted whether the file must be there.
 * @throws Fault when it cannot be read.
 */
export async function loadEnvFile(path: string, isWanted: boolean): Promise<void> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!isWanted && error instanceof Deno.errors.NotFound) return;
    throw new Fault(`The settings in ${path} cannot be read: ${(error as Error).message}.`);
  }
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value && !Deno.env.has(name)) Deno.env.set(name, value);
  }
}
