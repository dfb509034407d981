import type { TransactionSql } from "postgres";

/** A row of a table of `sql/stage.sql`, by its columns; those that are left out are null. */
export type Staged = Record<string, string | number | boolean | object | null | undefined>;

const BATCH_SIZE = 1000;

/** Puts rows into a table of `sql/stage.sql`. A COPY would wait longer for its beginning than most rooms take. */
export async function stage(
  transaction: TransactionSql,
  table: string,
  rows: AsyncIterable<Staged> | Iterable<Staged>,
): Promise<void> {
  let batch: Staged[] = [];
  const write = () =>
    transaction.unsafe(`insert into ${table} select * from json_populate_recordset(null::${table}, $1::text::json)`, [
      JSON.stringify(batch),
    ]);
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_SIZE) continue;
    await write();
    batch = [];
  }
  if (batch.length > 0) await write();
}
