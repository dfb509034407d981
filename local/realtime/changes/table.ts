import type postgres from "postgres";

/** A table in the catalog. */
export interface Table {
  /** The name with its schema, quoted for SQL. */
  name: string;
  hasRowSecurity: boolean;
  columns: TableColumn[];
}

export interface TableColumn {
  name: string;
  number: number;
  /** The name of the type in `columns` messages. */
  type: string;
  /** The type for SQL casts. */
  cast: string;
  isKey: boolean;
}

/** Looks a table up; undefined when it no longer exists. */
export async function findTable(sql: postgres.Sql, id: number): Promise<Table | undefined> {
  const [table] = await sql<Table[]>`
    select format('%I.%I', nspname, relname) as name, relrowsecurity as "hasRowSecurity", array(
      select jsonb_build_object(
        'name', attname,
        'number', attnum,
        'type', typname,
        'cast', format('%I.%I', type_schema.nspname, typname),
        'isKey', coalesce(attnum = any(conkey), false)
      )
      from pg_attribute
      join pg_type on pg_type.oid = atttypid
      join pg_namespace as type_schema on type_schema.oid = typnamespace
      left join pg_constraint on conrelid = attrelid and contype = 'p'
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped
      order by attnum
    ) as columns
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where pg_class.oid = ${id}`;
  return table;
}

/** The columns that each role may select. */
export async function selectable(
  sql: postgres.Sql,
  id: number,
  table: Table,
  roles: string[],
): Promise<Map<string, Set<string>>> {
  const numbers = table.columns.map(({ number }) => number);
  const rows = await sql<{ role: string; numbers: number[] }[]>`
    select role, array(
      select number from unnest(${numbers}::int2[]) as number
      where has_column_privilege(role, ${id}::oid, number, 'select')
    ) as numbers
    from unnest(${roles}::text[]) as role
    where exists (select from pg_roles where rolname = role)`;
  const nameOf = new Map(table.columns.map(({ number, name }) => [number, name]));
  return new Map(rows.map(({ role, numbers }) => [role, new Set(numbers.map((number) => nameOf.get(number)!))]));
}
