import type { Buffer } from "node:buffer";
import type postgres from "postgres";
import type { Change, Relation, Tuple } from "../stream/pgoutput.ts";
import { condition } from "./condition.ts";
import type { Action, Subscription } from "./request.ts";
import type { Table } from "./table.ts";

/** How many filters are evaluated in one statement. */
const BATCH_SIZE = 500;

/** A changed row by column, with values as Postgres prints them; large unchanged values are missing. */
export type Values = Map<string, string | null>;

/** One change of one row. */
export interface RowChange {
  action: Action;
  committedAt: number;
  /** Undefined after a delete. */
  record: Values | undefined;
  /** The known values before the change; at least the key. */
  old: Values | undefined;
}

/** Converts a change of the stream; undefined when it is not a change of a row. */
export function rowChange(
  change: Change,
  relation: Relation,
  table: Table,
  committedAt: number,
): RowChange | undefined {
  if (change.kind === "insert") {
    return { action: "INSERT", committedAt, record: named(relation, change.after), old: undefined };
  }
  if (change.kind === "delete") {
    const isFull = relation.identity === "f";
    const old = named(relation, change.before);
    return { action: "DELETE", committedAt, record: undefined, old: isFull ? old : keyOf(table, old) };
  }
  if (change.kind !== "update") return undefined;
  const record = named(relation, change.after);
  if (!change.before) return { action: "UPDATE", committedAt, record, old: keyOf(table, record) };
  const old = named(relation, change.before);
  const isFull = relation.identity === "f";
  if (isFull) { for (const [name, value] of old) if (!record.has(name)) record.set(name, value); }
  return { action: "UPDATE", committedAt, record, old: isFull ? old : keyOf(table, old) };
}

/** The values as JSON text, converted by Postgres. */
export async function asJson(sql: postgres.Sql, table: Table, values: Values): Promise<Map<string, string>> {
  const columns = table.columns.filter(({ name }) => values.has(name));
  if (columns.length === 0) return new Map();
  const list = columns.map(({ cast }, index) => `coalesce(to_jsonb($${index + 1}::text::${cast})::text, 'null')`);
  const parameters = columns.map(({ name }) => values.get(name)!);
  const [texts] = await sql.unsafe(`select ${list.join(", ")}`, parameters).values();
  return new Map(columns.map(({ name }, index) => [name, texts![index]]));
}

/**
 * The subscriptions whose filters match the row. A deleted row only has old values. A filter that cannot be evaluated
 * for this row, such as `like` with a trailing backslash, does not match and does not affect others.
 */
export async function matchingFilters(
  sql: postgres.Sql,
  table: Table,
  { record, old }: RowChange,
  subscriptions: Subscription[],
): Promise<Subscription[]> {
  const filtered = subscriptions.filter(({ request }) => request.filters.length > 0);
  if (filtered.length === 0) return subscriptions;
  const among = (some: Subscription[]) => evaluate(sql, table, record ?? old!, some);
  const passed = new Set<Subscription>();
  for (let at = 0; at < filtered.length; at += BATCH_SIZE) {
    const some = filtered.slice(at, at + BATCH_SIZE);
    const able = await among(some).catch(async () => {
      const alone = [];
      for (const one of some) alone.push(...await among([one]).catch(() => []));
      return alone;
    });
    able.forEach((one) => passed.add(one));
  }
  return subscriptions.filter((one) => one.request.filters.length === 0 || passed.has(one));
}

/** @throws PostgresError when one of the filters cannot be evaluated. */
async function evaluate(
  sql: postgres.Sql,
  table: Table,
  values: Values,
  filtered: Subscription[],
): Promise<Subscription[]> {
  const parameters: (string | null)[] = [];
  const tests = filtered.map((subscription) => test(table, values, subscription, parameters));
  const [results] = await sql.unsafe(`select ${tests.join(", ")}`, parameters).values();
  return filtered.filter((_, index) => results![index]);
}

function test(table: Table, values: Values, { request }: Subscription, parameters: (string | null)[]): string {
  const tests = request.filters.map((filter) => {
    const column = table.columns.find(({ name }) => name === filter.column);
    const value = values.get(filter.column);
    if (!column || value === undefined) return "false";
    const left = `$${parameters.push(value)}`;
    const right = filter.operator === "is" ? "" : `$${parameters.push(filter.value)}`;
    return `(${condition(filter, column.cast, left, right)})`;
  });
  return `coalesce(${tests.join(" and ")}, false)`;
}

function named({ columns }: Relation, tuple: Tuple): Values {
  const values: Values = new Map();
  tuple.forEach((value: Buffer | null | undefined, index) => {
    if (value !== undefined) values.set(columns[index]!.name, value === null ? null : value.toString());
  });
  return values;
}

function keyOf({ columns }: Table, values: Values): Values {
  return new Map(
    columns.filter(({ name, isKey }) => isKey && values.has(name)).map(({ name }) => {
      return [name, values.get(name)!];
    }),
  );
}
