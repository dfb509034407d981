import { readFile } from "node:fs/promises";
import { z } from "zod";
import { Refusal } from "../refusal.ts";

/** What a backend's tables and columns are, where their names do not say it. */
const Mapping = z.strictObject({
  /** The table of a model; null leaves it out. */
  tables: z.record(z.string(), z.string().nullable()).default({}),
  /** The columns of a model, by what they are. */
  columns: z.record(z.string(), z.record(z.string(), z.string())).default({}),
});
export type Mapping = z.infer<typeof Mapping>;

export const NO_MAPPING: Mapping = { tables: {}, columns: {} };

/**
 * Reads a mapping file.
 * @throws Refusal when it is missing or malformed.
 */
export async function readMapping(path: string): Promise<Mapping> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new Refusal(`There is no file ${path}.`);
  });
  try {
    return Mapping.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Refusal(`${path} is not a mapping file: ${reason}`);
  }
}
