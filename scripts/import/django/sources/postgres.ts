import postgres from "postgres";
import { Refusal } from "../../refusal.ts";
import type { Row, Source, Table } from "./source.ts";

const BATCH_SIZE = 1000;

/**
 * Connects to a PostgreSQL database, and reads it as it is at this moment.
 * @throws Refusal when it cannot be reached.
 */
export async function openPostgres(url: string): Promise<Source> {
  const pool = postgres(url, { max: 1, onnotice: () => {}, prepare: false, connection: { TimeZone: "UTC" } });
  const sql = await pool.reserve().catch(async (error) => {
    await pool.end();
    throw new Refusal(`The old database cannot be reached: ${(error as Error).message}`);
  });
  await sql`begin isolation level repeatable read read only`.simple();
  const { host, pathname } = new URL(url);
  return {
    title: `${host}${pathname}`,
    tables: () =>
      sql<Table[]>`
        select tables.relname as name, array(
          select attname::text from pg_attribute
          where attrelid = tables.oid and attnum > 0 and not attisdropped
          order by attnum
        ) as columns, (
          select coalesce(json_object_agg(attname, targets.relname), '{}')
          from pg_constraint
          join pg_class as targets on targets.oid = confrelid
          join pg_attribute on attrelid = conrelid and attnum = conkey[1]
          where conrelid = tables.oid and contype = 'f' and cardinality(conkey) = 1
        ) as references, (
          select attname::text
          from pg_constraint
          join pg_attribute on attrelid = conrelid and attnum = conkey[1]
          where conrelid = tables.oid and contype = 'p' and cardinality(conkey) = 1
        ) as key
        from pg_class as tables
        where relkind in ('r', 'p') and pg_table_is_visible(tables.oid) and relnamespace::regnamespace::text not like 'pg\\_%'
          and relnamespace <> 'information_schema'::regnamespace
        order by relname`,
    rows: (statement) => sql.unsafe<Row[]>(statement).cursor(BATCH_SIZE),
    // A column without a zone has times of UTC, and what is compared with it loses its zone.
    notBefore: (column, time) => `${column} >= '${time.toISOString().replace("T", " ").replace("Z", "+00")}'`,
    close: async () => {
      sql.release();
      await pool.end({ timeout: 5 });
    },
  };
}
