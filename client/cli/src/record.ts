import { createHash } from "node:crypto";
import type { Sections } from "./release.ts";

/** What `supabase/parley.json` remembers, so that what is the project's own stays as it is. */
export interface Record {
  release: string;
  /** Functions that the project does not want. */
  without: string[];
  /** From the name in the release to the name in the project, and the hash of its text. */
  migrations: { [name: string]: { file: string; sha256: string } };
  /** How `chat` got into the exposed schemas; absent if it was there before. */
  schema?: Exposure;
  functions: Sections;
  /** From the path of each file to its hash. */
  files: { [path: string]: string };
}

/** An element of the project's list, a line of its own in `[api]`, or a section of its own. */
export type Exposure = "element" | "line" | "section";

export const RECORD = "parley.json";

/** A hash that is the same when git has changed the ends of the lines. */
export function sha256(content: string | Buffer): string {
  const bytes = Buffer.from(content);
  const same = bytes.includes(0) ? bytes : bytes.toString().replaceAll("\r\n", "\n");
  return createHash("sha256").update(same).digest("hex");
}

/** @throws Error when the text is not what `writtenRecord` writes. */
export function parsedRecord(text: string): Record {
  const value = JSON.parse(text);
  const isTable = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  const isWhole = typeof value?.release === "string" && Array.isArray(value.without) &&
    [value.migrations, value.functions, value.files].every(isTable);
  if (!isWhole) throw new Error("it is not what parley-cli has written. Restore it from version control.");
  return value;
}

const NOTE = "Written by parley-cli, which reads it to upgrade and to remove Parley. Commit it.";

export const writtenRecord = (record: Record) => `${JSON.stringify({ note: NOTE, ...record }, null, 2)}\n`;
