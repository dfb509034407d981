import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import jsonlParser from "stream-json/jsonl/parser.js";
import { parser } from "stream-json/parser.js";
import { streamArray } from "stream-json/streamers/stream-array.js";
import { Refusal } from "../../refusal.ts";
import { temporaryDatabase } from "../../temporary_database.ts";
import { quoted, type Source } from "./source.ts";
import { sqliteSource } from "./sqlite.ts";

/** One object of `manage.py dumpdata`. */
interface Dumped {
  model: string;
  pk?: unknown;
  fields: Record<string, unknown>;
}

/**
 * Opens what `manage.py dumpdata` has written, as JSON or as JSONL, with gzip or without: its objects go into a database
 * of SQLite, with the tables that Django would make, so that they can be read in any order.
 * @param onBytes receives which part of the file was read.
 * @throws Refusal when it is not such a file.
 */
export async function openDump(path: string, onBytes: (part: number) => void): Promise<Source> {
  const size = (await stat(path).catch(() => null))?.size;
  if (size === undefined) throw new Refusal(`There is no file ${path}.`);
  const database = temporaryDatabase();
  try {
    await store(database, objectsOf(path, (read) => onBytes(read / (size || 1))));
    return sqliteSource(database, path);
  } catch (error) {
    database.close();
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${path} is not what \`manage.py dumpdata\` writes: ${(error as Error).message}`);
  }
}

async function* objectsOf(path: string, onBytes: (read: number) => void): AsyncGenerator<unknown> {
  const file = createReadStream(path, { highWaterMark: 2 ** 18 });
  let read = 0;
  file.on("data", (chunk) => onBytes(read += chunk.length));
  const unzip = path.endsWith(".gz") ? [createGunzip()] : [];
  const isLines = /\.jsonl(\.gz)?$/.test(path);
  const parsers = isLines ? [jsonlParser.asStream()] : [parser.asStream(), streamArray.asStream()];
  // A failure of any of them ends the last one, which is read here.
  pipeline([file, ...unzip, ...parsers]).catch(() => {});
  for await (const { value } of parsers.at(-1) as AsyncIterable<{ value: unknown }>) yield value;
}

async function store(database: DatabaseSync, objects: AsyncIterable<unknown>): Promise<void> {
  database.exec("begin");
  const tables = new Tables(database);
  for await (const object of objects) tables.add(checked(object));
  tables.index();
  database.exec("commit");
}

function checked(object: unknown): Dumped {
  const { model, pk, fields } = (object ?? {}) as Partial<Dumped>;
  if (typeof model !== "string" || typeof fields !== "object" || fields === null) {
    throw new Refusal("An object of the dump has no model or no fields.");
  }
  if (pk === undefined || pk === null) {
    throw new Refusal(`The dump has no ids of ${model}: write it again without --natural-primary.`);
  }
  return { model, pk, fields };
}

/** The tables of the dump: one for each model, and one for each field that has many values. */
class Tables {
  readonly #columns = new Map<string, Set<string>>();
  readonly #inserts = new Map<string, StatementSync>();

  constructor(private readonly database: DatabaseSync) {}

  add({ model, pk, fields }: Dumped): void {
    const table = model.replace(".", "_");
    const row: Record<string, unknown> = { id: pk };
    for (const [name, value] of Object.entries(fields)) {
      if (!isMany(value)) row[name] = value;
      else this.#join(`${table}_${name}`, `${model.split(".")[1]}_id`, `${name}_id`, pk, value);
    }
    this.#insert(table, row);
  }

  /** Makes what is read by these columns quick. */
  index(): void {
    for (const [table, columns] of this.#columns) {
      for (const column of columns) {
        if (!/^id$|chat|room|session|conversation|message$|user$/.test(column) || column === "content") continue;
        this.database.exec(`create index ${quoted(`${table} ${column}`)} on ${quoted(table)} (${quoted(column)})`);
      }
    }
  }

  #join(table: string, left: string, right: string, pk: unknown, values: unknown[]): void {
    this.#require(table, [left, right]);
    for (const value of values) this.#insert(table, { [left]: pk, [right]: value });
  }

  #insert(table: string, row: Record<string, unknown>): void {
    const names = Object.keys(row);
    this.#require(table, names);
    const key = `${table} ${names.join()}`;
    let insert = this.#inserts.get(key);
    if (!insert) {
      insert = this.database.prepare(
        `insert into ${quoted(table)} (${names.map(quoted).join()}) values (${names.map(() => "?").join()})`,
      );
      this.#inserts.set(key, insert);
    }
    insert.run(...Object.values(row).map(stored));
  }

  #require(table: string, names: string[]): void {
    const known = this.#columns.get(table);
    if (!known) {
      // Without a type SQLite keeps numbers as numbers, which it orders by their value.
      this.database.exec(`create table ${quoted(table)} (${names.map(quoted).join()})`);
      this.#columns.set(table, new Set(names));
      return;
    }
    for (const name of names.filter((name) => !known.has(name))) {
      this.database.exec(`alter table ${quoted(table)} add column ${quoted(name)}`);
      known.add(name);
    }
  }
}

/** A relation to many: ids, or for relations with natural keys, lists of what makes one. A JSON field may look like it. */
const isMany = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number" || isUuid(item) || Array.isArray(item));

const isUuid = (value: unknown) =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

/** A number of JavaScript would be stored as a fraction, 1.0. */
function stored(value: unknown): string | bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
