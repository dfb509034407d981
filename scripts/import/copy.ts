import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { TransactionSql } from "postgres";

/** A value of a column; null is NULL. */
export type Value = string | number | boolean | null | undefined;

const CHUNK_LENGTH = 65_536;
const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Copies rows into a table, whose columns they follow. Returns how many there were. */
export async function copyInto(
  transaction: TransactionSql,
  table: string,
  rows: AsyncIterable<Value[]> | Iterable<Value[]>,
): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    let text = "";
    for await (const row of rows) {
      count++;
      text += `${row.map(written).join("\t")}\n`;
      if (text.length < CHUNK_LENGTH) continue;
      yield text;
      text = "";
    }
    if (text) yield text;
  }
  const target = await transaction`copy ${transaction(table)} from stdin`.writable();
  await pipeline(Readable.from(lines()), target);
  return count;
}

function written(value: Value): string {
  if (value === null || value === undefined) return "\\N";
  return String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
