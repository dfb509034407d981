import type { Context, TypedResponse } from "hono";
import type { Sql, Statement } from "../db/db.ts";

/** A list as Postgres wrote it. */
export interface JsonList {
  /** In UTF-8. */
  json: Uint8Array<ArrayBuffer>;
  /** Of its objects, in order. */
  ids: number[];
  /** How long their texts are together. */
  bytes: number;
}

/**
 * The rows of a statement, each with an id and a text, as one list in JSON: to parse and print them here takes twice as
 * long.
 */
export const jsonList = (sql: Sql, rows: Statement) =>
  sql`select coalesce(json_agg(list), '[]'), coalesce(json_agg(list.id), '[]'),
      coalesce(sum(octet_length(list.text)), 0)
    from (${rows}) as list`
    .raw() as unknown as Statement;

/** The list that such a statement has answered. */
export function readList([row]: Uint8Array[][]): JsonList {
  const [json, ids, bytes] = row as Uint8Array<ArrayBuffer>[];
  return { json: json!, ids: parse(ids), bytes: parse(bytes) };
}

/** A column that is JSON, or a number. */
// deno-lint-ignore no-explicit-any
export const parse = (column?: Uint8Array): any => JSON.parse(new TextDecoder().decode(column));

/** Answers with a list of what the route declares. */
export const listResponse = <T>(c: Context, { json }: Pick<JsonList, "json">) =>
  c.body(json, 200, { "Content-Type": "application/json" }) as unknown as TypedResponse<T[], 200, "json">;
