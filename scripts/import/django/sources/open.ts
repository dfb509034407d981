import { openDump } from "./dump.ts";
import { openPostgres } from "./postgres.ts";
import type { Source } from "./source.ts";
import { openSqlite } from "./sqlite.ts";

/**
 * Opens an old database: a URL of PostgreSQL, the output of `manage.py dumpdata`, or else a file of SQLite.
 * @param onPart receives which part of a dump was read.
 * @throws Refusal when it cannot be opened.
 */
export function openSource(from: string, onPart: (part: number) => void): Promise<Source> {
  if (/^postgres(ql)?:\/\//.test(from)) return openPostgres(from);
  return /\.jsonl?(\.gz)?$/.test(from) ? openDump(from, onPart) : openSqlite(from);
}
