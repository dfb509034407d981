import type { Sql } from "postgres";
import type { Line } from "./matrix.ts";

/** The names of all cells that the schema has, for any role: `rooms select name`, `rooms delete`, `sync execute`. */
export async function catalogCells(sql: Sql): Promise<string[]> {
  const rows = await sql<{ cell: string }[]>`
    select format('%s %s %s', relname, operation, attname) as cell
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    cross join unnest(array['select', 'insert', 'update']) as operation
    where relnamespace = 'chat'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
    union all
    select format('%s delete', relname)
    from pg_class
    where relnamespace = 'chat'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
    union all
    -- Functions that share a name are listed with their arguments. No line of the matrix has them, so they fail the test.
    select format('%s execute', case when count(*) over (partition by proname) = 1 then proname else oid::regprocedure::text end)
    from pg_proc
    where pronamespace = 'chat'::regnamespace
    order by cell`;
  return rows.map(({ cell }) => cell);
}

/** The names of the cells that a line gives verdicts for. */
export function lineCells({ object, operation, columns }: Line): string[] {
  return columns.length > 0 ? columns.map((column) => `${object} ${operation} ${column}`) : [`${object} ${operation}`];
}
