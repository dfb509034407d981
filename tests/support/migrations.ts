import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = "supabase/migrations";
/** What each migration repeats of 015_default_grants and 900_grants. */
const REPEATED = [
  /-- sql\/015_default_grants\.sql\n.*?\nrevoke all on chat_private\.default_grants [^;]*;/s,
  /-- sql\/900_grants\.sql\n.*?\n {2}drop table chat_private\.default_grants;\nend;\n\$\$;/s,
];

/** All migrations as one text for one transaction, in which indexes cannot be made concurrently. */
export async function allMigrations(): Promise<string> {
  return joined(await readMigrations());
}

/**
 * The same without what each migration repeats, except for the first and the last: those grants are five sixths of the time. It is
 * for projects whose default privileges are the platform's.
 */
export async function briefMigrations(): Promise<string> {
  const texts = await readMigrations();
  const brief = texts.slice(1, -1).map((text) => REPEATED.reduce((rest, part) => rest.replace(part, ""), text));
  if (brief.some((text) => text.includes("default_grants"))) throw new Error("A migration repeats more than is known.");
  return joined([texts[0]!, ...brief, texts.at(-1)!]);
}

async function readMigrations(): Promise<string[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(names.map((name) => readFile(join(FOLDER, name), "utf8")));
}

const joined = (texts: string[]) => texts.join("\n").replace(/\bindex concurrently\b/gi, "index");
