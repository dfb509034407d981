import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import { catalog, compare, describe } from "./catalog.ts";
import { type Databases, openDatabases } from "./databases.ts";
import { FOLDER, versionAt } from "./releases.ts";
import { render } from "./render.ts";
import { type Segment, statements } from "./statements.ts";

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

/** What was written. */
export interface Written {
  paths: string[];
  /** The difference that is left, which a person must write. */
  left: string;
}

/** Writes what `sql/` has and the migrations have not to `supabase/migrations/<time>_parley_<name>.sql`. */
export async function writeMigration(name: string): Promise<Written> {
  await using databases = await openDatabases();
  const { migrated, wanted } = databases;
  if (!await differenceOf(databases)) return { paths: [], left: "" };
  const found = await statements(migrated.url, wanted.url);
  const segments = found.length > 0 ? found : [BY_HAND];
  const paths: string[] = [];
  const now = Date.now();
  for (const [index, text] of (await render(name, segments)).entries()) {
    const part = index === 0 ? "" : `_${index + 1}`;
    const path = join(FOLDER, `${versionAt(new Date(now + index * 1000))}_parley_${name}${part}.sql`);
    await writeFile(path, text);
    paths.push(path);
    await apply(migrated.sql, segments[index]!, text);
  }
  return { paths, left: await differenceOf(databases) };
}
