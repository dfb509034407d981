import type { TransactionSql } from "postgres";

/** A row of a table of `sql/stage.sql`, by its columns; those that are left out are null. */
export type Staged = Record<string, string | number | boolean | object | null | undefined>;

const BATCH_SIZE = 1000;
/** Long messages go in smaller batches: each is in memory several times while it is sent. */
const BATCH_CHARACTERS = 1_000_000;

/** Puts rows into a table of `sql/stage.sql`. A COPY would wait longer for its beginning than most rooms take. */
export async function stage(
  transaction: TransactionSql,
  table: string,
  rows: AsyncIterable<Staged> | Iterable<Staged>,
): Promise<void> {
  let batch: Staged[] = [];
  let characters = 0;
  const write = () =>
    transaction.unsafe(`insert into ${table} select * from json_populate_recordset(null::${table}, $1::text::json)`, [
      JSON.stringify(batch),
    ]);
  for await (const row of rows) {
    batch.push(row);
    characters += typeof row.content === "string" ? row.content.length : 0;
    if (batch.length < BATCH_SIZE && characters < BATCH_CHARACTERS) continue;
    await write();
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) await write();
}
