import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = "supabase/migrations";

/** All migrations as one text for one transaction, in which indexes cannot be made concurrently. */
export async function allMigrations(): Promise<string> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".sql")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(FOLDER, name), "utf8")));
  return texts.join("\n").replace(/\bindex concurrently\b/gi, "index");
}
