// npm run db:migration -- NAME: writes what sql/ has and the migrations have not to supabase/migrations/<time>_parley_<NAME>.sql.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Sql } from "postgres";
import { catalog, compare, describe } from "./schema/catalog.ts";
import { type Databases, openDatabases } from "./schema/databases.ts";
import { FOLDER, versionAt } from "./schema/releases.ts";
import { render } from "./schema/render.ts";
import { type Segment, statements } from "./schema/statements.ts";

/** Where rows alone differ, a person writes the only file. */
const BY_HAND: Segment = { statements: [], isTransaction: true, makesObjects: false };

async function differenceOf({ migrated, wanted }: Databases): Promise<string> {
  return describe(compare(await catalog(migrated.sql), await catalog(wanted.sql)));
}

/** Applies a file as `local/` and the Supabase CLI do. */
async function apply(sql: Sql, { isTransaction }: Segment, text: string): Promise<void> {
  if (isTransaction) await sql.begin((transaction) => transaction.unsafe(text).simple());
  else await sql.unsafe(text).simple();
}

async function write(name: string, databases: Databases): Promise<void> {
  const { migrated, wanted } = databases;
  if (!await differenceOf(databases)) {
    return console.log("The migrations give exactly sql/: there is nothing to write.");
  }
  const found = await statements(migrated.url, wanted.url);
  const segments = found.length > 0 ? found : [BY_HAND];
  const now = Date.now();
  for (const [index, text] of (await render(name, segments)).entries()) {
    const part = index === 0 ? "" : `_${index + 1}`;
    const path = join(FOLDER, `${versionAt(new Date(now + index * 1000))}_parley_${name}${part}.sql`);
    await writeFile(path, text);
    console.log(`Wrote ${path}.`);
    await apply(migrated.sql, segments[index]!, text);
  }
  const left = await differenceOf(databases);
  if (left) console.log(`\nStill to be written by hand (+ is what the migrations lack):\n${left}`);
  console.log("\nRead it: are the locks short, are large tables changed in batches, is nothing lost?");
}

const [name = ""] = process.argv.slice(2);
if (!/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error("Usage: npm run db:migration -- NAME, where the name says what changes, as in add_stars.");
  process.exit(2);
}
await using databases = await openDatabases();
await write(name, databases);
