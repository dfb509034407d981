import type { IntrospectResult } from "@supabase/lite";

/**
 * What lite finds in the database, as PostgREST would see it: tables of one name in other schemas are not mixed up with
 * the exposed ones, and that rows are one to one is told by constraints, where lite takes partial unique indexes for them.
 * @param schemas those that are exposed.
 */
export function asPostgrestSees(catalog: IntrospectResult, schemas: string[]): IntrospectResult {
  const seen = new Set([...schemas, "auth"]);
  const isSeen = ({ schema }: { schema: string }) => seen.has(schema);
  const constraints = new Set(catalog.unique_constraints.map(nameOf));
  return {
    ...catalog,
    tables: catalog.tables.filter(isSeen),
    columns: catalog.columns.filter(isSeen),
    views: catalog.views.filter(isSeen),
    foreign_keys: catalog.foreign_keys.filter(isSeen),
    indexes: catalog.indexes.filter((index) => isSeen(index) && (!index.unique || constraints.has(nameOf(index)))),
  };
}

const nameOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`;
