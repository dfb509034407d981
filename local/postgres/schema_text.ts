import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The schema as one text: the files of `sql/` in the order of their numbers.
 * @throws Error when a file has none.
 */
export async function schemaText(root: string): Promise<string> {
  const folder = join(root, "sql");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const unnumbered = names.find((name) => !/^\d{3}_/.test(name));
  if (unnumbered) throw new Error(`sql/${unnumbered} has no number prefix of three digits.`);
  const parts = names.map(async (name) =>
    `\n-- sql/${name}\n\n${(await readFile(join(folder, name), "utf8")).trim()}\n`
  );
  return (await Promise.all(parts)).join("");
}
