import type postgres from "postgres";
import { condition } from "./condition.ts";
import type { Filter } from "./filters.ts";
import { type ChangeRequest, describe } from "./request.ts";
import { findTable, selectable, type Table } from "./table.ts";

export const PUBLICATION = "supabase_realtime";
const MAX_VALUES = 100;

/**
 * Checks that a request names tables of the publication and that its filters are valid for them.
 * @throws SubscriptionRefusal
 */
export async function check(sql: postgres.Sql, request: ChangeRequest, role: string): Promise<void> {
  const rows = await sql<{ id: number }[]>`
    select format('%I.%I', schemaname, tablename)::regclass::oid as id from pg_publication_tables
    where pubname = ${PUBLICATION} and ${request.schema} in (schemaname::text, '*')
      and ${request.table} in (tablename::text, '*')`;
  if (rows.length === 0) throw refusal("Please check Realtime is enabled for the given connect parameters", request);
  for (const { id } of rows) await checkColumns(sql, id, request, role);
}

/** The error for a client that cannot subscribe to these changes. */
export class SubscriptionRefusal extends Error {}

async function checkColumns(sql: postgres.Sql, id: number, request: ChangeRequest, role: string): Promise<void> {
  if (request.filters.length === 0 && !request.select) return;
  const table = await findTable(sql, id);
  const names = table ? (await selectable(sql, id, table, [role])).get(role) ?? new Set() : new Set();
  try {
    for (const filter of request.filters) {
      if (!names.has(filter.column)) throw new Error(`invalid column for filter ${filter.column}`);
      await checkFilter(sql, filter, table!);
    }
    for (const name of request.select ?? []) {
      if (!names.has(name)) throw new Error(`invalid column for select ${name}`);
    }
  } catch (error) {
    const { code = "P0001", message } = error as { code?: string; message: string };
    const shown = `Exception: ERROR ${code}${code === "P0001" ? " (raise_exception)" : ""} ${message}`;
    throw refusal("An exception happened so please check your connect parameters", request, shown);
  }
}

/** Evaluates the filter to see whether the database can. */
async function checkFilter(sql: postgres.Sql, filter: Filter, table: Table): Promise<void> {
  const { column, operator, value } = filter;
  const { cast, type } = table.columns.find(({ name }) => name === column)!;
  if (operator === "is") {
    if (!["null", "true", "false", "unknown"].includes(value)) {
      throw new Error("invalid value for is filter: must be null, true, false, or unknown");
    }
    if (value !== "null" && type !== "bool") {
      throw new Error(`is ${value} filter requires a boolean column, got ${type}`);
    }
  }
  await sql.unsafe(`select ${condition(filter, cast, "$1", "$2")}`, operator === "is" ? [null] : [null, value]);
  if (operator === "in") {
    const [row] = await sql.unsafe(`select cardinality($1::text::${cast}[]) as count`, [value]);
    if (row!.count > MAX_VALUES) throw new Error("too many values for `in` filter. Maximum 100");
  }
  if (operator === "match" || operator === "imatch") await sql`select '' ~ ${value}`;
}

function refusal(why: string, request: ChangeRequest, more?: string): SubscriptionRefusal {
  const text = `Unable to subscribe to changes with given parameters. ${why}: ${describe(request)}`;
  return new SubscriptionRefusal(more ? `${text}. ${more}` : text);
}
