import type { Sql } from "postgres";
import type { Mutant } from "./list.ts";
import type { Suite } from "./suites.ts";

/** What a suite calls, as `schema.name(`, and the tables that it writes to. */
interface Reached {
  functions: Set<string>;
  tables: Set<string>;
}

/** The first key of the locks that functions leave behind. */
const MARK = 7_001;

/** These may notice something that they neither call nor write to: what truncates a table counts no rows. */
const NOTICES_MORE =
  /\btruncate \b|\bpg_(?:proc|trigger|class|constraint|index)\b|\b(?:has|hasnt|is_definer|function_)\w+\(/;

/** Tells which suites come near a mutant. No other one can fail for it. */
export class Reach {
  private constructor(private readonly known: Set<string>, private readonly reached: Map<Suite, Reached>) {}

  /** Runs the suites with functions that leave an advisory lock behind, which outlasts a rollback, as a setting does not. */
  static async of(sql: Sql, suites: Suite[]): Promise<Reach> {
    const sources = await sql<{ word: string; statement: string }[]>`
      select format('%s.%s(', pronamespace::regnamespace, proname) as word, pg_get_functiondef(pg_proc.oid) as statement
      from pg_proc
      join pg_language on pg_language.oid = prolang
      where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and lanname = 'plpgsql'`;
    const words = sources.map(({ word }) => word);
    const marked = sources.map(({ word, statement }) =>
      statement.replace(/\nbegin\n/, `$&perform pg_catalog.pg_advisory_lock(${MARK}, ${words.indexOf(word)});\n`)
    ).join(";\n");
    const reached = new Map<Suite, Reached>();
    try {
      await sql.unsafe(`begin; ${marked}; savepoint marked`).simple();
      for (const suite of suites.filter(({ name }) => name !== "permissions")) {
        const before = await written(sql);
        await suite.run(sql, "");
        reached.set(suite, {
          functions: new Set((await locks(sql)).map((place) => words[place]!)),
          tables: new Set(
            [...await written(sql)].filter(([name, rows]) => rows > (before.get(name) ?? 0)).map(([name]) => name),
          ),
        });
        await sql.unsafe("rollback to savepoint marked; select pg_advisory_unlock_all()");
      }
    } finally {
      await sql.unsafe("rollback; select pg_advisory_unlock_all()");
    }
    return new Reach(new Set(words), reached);
  }

  /**
   * Whether the suite may fail without what the mutant takes away. Permissions, which roll back by themselves, and suites that have
   * not run always may.
   */
  isPossible(suite: Suite, { kind, object, word }: Mutant): boolean {
    const reached = this.reached.get(suite);
    if (!reached || NOTICES_MORE.test(suite.text)) return true;
    if (this.known.has(word)) return reached.functions.has(word);
    const needsWrite = ["trigger", "check", "primary key", "unique"].includes(kind);
    return !needsWrite || reached.tables.has(object);
  }
}

async function locks(sql: Sql): Promise<number[]> {
  const held = await sql<{ place: number }[]>`
    select objid::integer as place from pg_locks where locktype = 'advisory' and classid = ${MARK} and pid = pg_backend_pid()`;
  return held.map(({ place }) => place);
}

/** How many rows the transaction has written to each table, with those that it has taken back. */
async function written(sql: Sql): Promise<Map<string, number>> {
  const tables = await sql<{ name: string; rows: number }[]>`
    select relname as name, (n_tup_ins + n_tup_upd + n_tup_del)::integer as rows from pg_stat_xact_all_tables`;
  return new Map(tables.map(({ name, rows }) => [name, rows]));
}
