// Generates the one migration from sql/. `--check` fails when it is stale.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { schemaText } from "../local/postgres/schema_text.ts";

const TARGET = new URL("../supabase/migrations/20261121000000_parley.sql", import.meta.url);

const HEADER = `-- Generated from sql/*.sql by \`npm run db:migration\`. Change those files, not this one.
-- Until the first release there is one migration.
`;

const text = HEADER + await schemaText(fileURLToPath(new URL("..", import.meta.url)));
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
