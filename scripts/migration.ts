// Generates the one migration from sql/. `--check` fails when it is stale.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";

const SOURCE = new URL("../sql/", import.meta.url);
const TARGET = new URL("../supabase/migrations/20261121000000_parley.sql", import.meta.url);

const HEADER = `-- Generated from sql/*.sql by \`npm run db:migration\`. Change those files, not this one.
-- Until the first release there is one migration.
`;

/** The text of the migration: the files of sql/ in the order of their number prefixes. */
export async function migration(): Promise<string> {
  const names = (await readdir(SOURCE)).filter((name) => name.endsWith(".sql"));
  const unnumbered = names.find((name) => !/^\d{3}_/.test(name));
  if (unnumbered) throw new Error(`sql/${unnumbered} has no number prefix of three digits.`);
  const parts = names.sort().map(async (name) =>
    `\n-- sql/${name}\n\n${(await readFile(new URL(name, SOURCE), "utf8")).trim()}\n`
  );
  return HEADER + (await Promise.all(parts)).join("");
}

const text = await migration();
if (process.argv.includes("--check")) {
  const current = await readFile(TARGET, "utf8").catch(() => "");
  if (current !== text) {
    console.error("supabase/migrations is stale: run `npm run db:migration`.");
    process.exit(1);
  }
} else {
  await mkdir(new URL(".", TARGET), { recursive: true });
  await writeFile(TARGET, text);
}
