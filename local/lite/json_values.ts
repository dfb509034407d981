import type { AnyAST, IntrospectResult } from "@supabase/lite";

type Values = Record<string, unknown>;

/** JSON text, encoded twice: lite decodes strings that are JSON once before they go into a column. */
const columnText = (value: unknown) => JSON.stringify(JSON.stringify(value));

/**
 * lite passes objects and arrays as JSON, but strings, numbers and booleans as they are, which Postgres does not accept
 * as JSON. This turns those for JSON columns and arguments into JSON text, and objects for other arguments, as PostgREST does.
 */
export function withJsonScalars(request: AnyAST, catalog: IntrospectResult): AnyAST {
  const schema = request.schema ?? catalog.default_schema ?? "public";
  if (request.values) {
    const names = jsonColumns(catalog, schema, request.from!);
    const { values } = request;
    const mend = (row: object) => mended(row as Values, names, columnText);
    return { ...request, values: Array.isArray(values) ? values.map(mend) : mend(values) };
  }
  if (request.function && request.args && !Array.isArray(request.args)) {
    const names = jsonArguments(catalog, schema, request.function);
    const args = Object.entries(mended(request.args as Values, names, JSON.stringify))
      .map(([name, value]) => [name, names.has(name) ? value : withoutObjects(value)]);
    return { ...request, args: Object.fromEntries(args) };
  }
  return request;
}

function jsonColumns({ columns }: IntrospectResult, schema: string, table: string): Set<string> {
  const found = columns.filter((column) => column.schema === schema && column.table === table && isJson(column.type));
  return new Set(found.map(({ name }) => name));
}

function jsonArguments({ functions = [] }: IntrospectResult, schema: string, name: string): Set<string> {
  const found = functions.filter((candidate) => candidate.schema === schema && candidate.name === name);
  return new Set(found.flatMap(({ arg_names, arg_types }) => arg_names.filter((_, at) => isJson(arg_types[at]))));
}

function isJson(type: string | undefined): boolean {
  return type === "json" || type === "jsonb";
}

function withoutObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutObjects);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

function mended(row: Values, names: Set<string>, text: (value: unknown) => string): Values {
  const entries = Object.entries(row).map(([name, value]) => {
    const isScalar = value !== null && typeof value !== "object" && value !== undefined;
    return [name, names.has(name) && isScalar ? text(value) : value];
  });
  return Object.fromEntries(entries);
}
