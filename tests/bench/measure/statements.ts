import type { Sql } from "postgres";

/** A statement of clients, and its cost during a measurement. */
export interface StatementUse {
  id: string;
  text: string;
  calls: number;
  /** Milliseconds in total, including triggers and functions. */
  time: number;
  /** Bytes written to the write-ahead log. */
  wal: number;
}

/** Counts what Postgres has executed so far, without `begin` and `commit`. */
export async function readStatements(sql: Sql): Promise<Map<string, StatementUse>> {
  const rows = await sql<StatementUse[]>`
    select queryid::text as id, query as text, sum(calls)::integer as calls, sum(total_exec_time) as time,
      sum(wal_bytes)::float8 as wal
    from extensions.pg_stat_statements
    where toplevel and query !~* '^(begin|commit|rollback)' and query not like '%pg_stat_statements%'
    group by queryid, query`;
  return new Map(rows.map((row) => [row.id, { ...row }]));
}

/** The statements executed between two counts, the most expensive first; rare ones are left out. */
export function statementsBetween(
  before: Map<string, StatementUse>,
  after: Map<string, StatementUse>,
  requests: number,
): StatementUse[] {
  return [...after.values()]
    .map((use) => {
      const { calls = 0, time = 0, wal = 0 } = before.get(use.id) ?? {};
      const text = use.text.replace(/\s+/g, " ").trim();
      return { ...use, text, calls: use.calls - calls, time: use.time - time, wal: use.wal - wal };
    })
    .filter(({ calls }) => calls > requests / 20)
    .sort((a, b) => b.time - a.time);
}
