import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";

/** How two schemas differ: what each has and the other has not. */
export interface Difference {
  missing: string[];
  extra: string[];
}

/** Everything of Parley's in a database, rows that a migration makes included, one object or table a line. */
export async function catalog(sql: Sql): Promise<string[]> {
  const query = await readFile(new URL("catalog.sql", import.meta.url), "utf8");
  const objects = await sql.unsafe<{ line: string }[]>(query);
  return [...objects.map(({ line }) => line), ...await rows(sql)];
}

/** The rows of a fresh database; times and transactions, which always differ, are left out. */
async function rows(sql: Sql): Promise<string[]> {
  const tables = await sql<{ name: string; columns: string }[]>`
    select attrelid::regclass::text as name, string_agg(quote_ident(attname), ', ' order by attname) as columns
    from pg_attribute
    join pg_class on pg_class.oid = attrelid
    where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind = 'r'
      and attnum > 0 and not attisdropped and atttypid not in ('timestamptz'::regtype, 'timestamp'::regtype, 'xid8'::regtype)
    group by attrelid`;
  const found = await Promise.all(tables.map(async ({ name, columns }) => {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select row_to_json(rows)::text as row from (select ${columns} from ${name}) as rows`,
    );
    return rows.map(({ row }) => `row of ${name}: ${row}`);
  }));
  return found.flat().sort();
}

/** Compares two catalogs; what is missing is in `wanted` only. */
export function compare(present: string[], wanted: string[]): Difference {
  const [has, needs] = [new Set(present), new Set(wanted)];
  return { missing: wanted.filter((line) => !has.has(line)), extra: present.filter((line) => !needs.has(line)) };
}

/** A difference as text, as `diff` prints it; empty when there is none. */
export const describe = ({ missing, extra }: Difference): string =>
  [...extra.map((line) => `- ${line}`), ...missing.map((line) => `+ ${line}`)].join("\n");
