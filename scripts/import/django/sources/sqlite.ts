import { stat } from "node:fs/promises";
import { DatabaseSync, type SqlValue } from "node:sqlite";
import { Refusal } from "../../refusal.ts";
import { quoted, type Row, type Source, type Table } from "./source.ts";

const BATCH_SIZE = 1000;

/**
 * Opens a file of SQLite for reading.
 * @throws Refusal when it is not an SQLite database.
 */
export async function openSqlite(path: string): Promise<Source> {
  if (!(await stat(path).catch(() => null))?.isFile()) throw new Refusal(`There is no file ${path}.`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    // One transaction: a backend that still runs changes nothing of what is read.
    database.exec("begin");
    database.prepare("select count(*) from sqlite_master").get();
  } catch (error) {
    throw new Refusal(`${path} is not an SQLite database: ${(error as Error).message}`);
  }
  return sqliteSource(database, path);
}

/** An open database as a source. */
export function sqliteSource(database: DatabaseSync, title: string): Source {
  return {
    title,
    tables: () => Promise.resolve(tablesOf(database)),
    rows: (statement) => rowsOf(database, statement),
    // Times are texts there: with a space or a T, and in a dump with a zone.
    notBefore: (column, time) => `datetime(${column}) >= datetime('${time.toISOString()}')`,
    close: () => Promise.resolve(database.close()),
  };
}

function tablesOf(database: DatabaseSync): Table[] {
  const names = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
  return names.map(({ name }) => ({
    name: String(name),
    ...columnsOf(database.prepare(`pragma table_info(${quoted(String(name))})`).all()),
    references: Object.fromEntries(
      database.prepare(`pragma foreign_key_list(${quoted(String(name))})`).all().map((
        { from, table },
      ) => [from, table]),
    ),
  }));
}

function columnsOf(columns: Record<string, SqlValue>[]): Pick<Table, "columns" | "key"> {
  const keys = columns.filter(({ pk }) => Number(pk) > 0).map(({ name }) => String(name));
  return { columns: columns.map(({ name }) => String(name)), key: keys.length === 1 ? keys[0] : undefined };
}

async function* rowsOf(database: DatabaseSync, statement: string): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for (const row of database.prepare(statement).iterate()) {
    batch.push(row as Row);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
