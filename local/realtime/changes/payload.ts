import type { RowChange, Values } from "./row.ts";
import type { Table, TableColumn } from "./table.ts";

/** The values of a change by column, as JSON text. */
export interface JsonValues {
  record: Map<string, string> | undefined;
  old: Map<string, string> | undefined;
}

const MAX_LENGTH_IF_TOO_LARGE = 64;

/** `data` of a `postgres_changes` message as JSON: the requested columns that the role may select. */
export function dataOf(
  schema: string,
  name: string,
  table: Table,
  change: RowChange,
  json: JsonValues,
  selectable: Set<string>,
  select: string[] | undefined,
  isTooLarge: boolean,
): string {
  const isWanted = (column: TableColumn) => selectable.has(column.name) && isSelected(column, select);
  const columns = table.columns.filter(isWanted);
  const fits = (text: string) => !isTooLarge || text.length <= MAX_LENGTH_IF_TOO_LARGE;
  const part = (values: Map<string, string>, columns: TableColumn[]) => {
    const known = columns.filter(({ name }) => values.has(name) && fits(values.get(name)!));
    return `{${known.map(({ name }) => `${JSON.stringify(name)}:${values.get(name)}`).join(",")}}`;
  };
  const hasKeysOnly = change.action === "DELETE" && table.hasRowSecurity;
  const parts = [
    head(schema, name, change),
    `"columns":${JSON.stringify(columns.map(({ name, type }) => ({ name, type })))}`,
    `"errors":${isTooLarge ? '["Error 413: Payload Too Large"]' : "null"}`,
    json.record && `"record":${part(json.record, columns)}`,
    json.old && `"old_record":${part(json.old, hasKeysOnly ? columns.filter(({ isKey }) => isKey) : columns)}`,
  ];
  return `{${parts.filter(Boolean).join(",")}}`;
}

/** `data` with an error in place of the row. */
export function errorData(schema: string, name: string, change: RowChange, error: string): string {
  const old = change.action === "UPDATE" ? `,"old_record":{}` : "";
  return `{${head(schema, name, change)},"columns":[],"record":{}${old},"errors":[${JSON.stringify(error)}]}`;
}

export function sizeOf(...rows: (Values | undefined)[]): number {
  let size = 0;
  for (const row of rows) for (const [name, value] of row ?? []) size += name.length + (value?.length ?? 4);
  return size;
}

function head(schema: string, name: string, { action, committedAt }: RowChange): string {
  const when = new Date(committedAt).toISOString();
  const place = `"schema":${JSON.stringify(schema)},"table":${JSON.stringify(name)}`;
  return `${place},"type":"${action}","commit_timestamp":"${when}"`;
}

function isSelected({ name, isKey }: TableColumn, select: string[] | undefined): boolean {
  return !select || isKey || select.includes(name);
}
