import type { IntrospectResult } from "@supabase/lite";

/**
 * Corrects the catalog of lite to what PostgREST sees: tables of other schemas are not confused with exposed ones of the
 * same name, and only unique constraints make a relationship one-to-one, where lite also accepts partial unique indexes.
 * @param schemas the exposed schemas.
 */
export function asPostgrestSees(catalog: IntrospectResult, schemas: string[]): IntrospectResult {
  const seen = new Set(schemas);
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
