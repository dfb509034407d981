import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";

const { db_url } = inject("status");

/** A connection that takes turns with others: a transaction stays open until `commit`. */
export class Turns {
  readonly #sql = postgres(db_url, { max: 1, connection: { statement_timeout: 5_000 }, onnotice: () => {} });

  /** @param person the user who acts, under the policies; without one, the operator. */
  constructor(readonly person?: string) {}

  /** Begins a transaction, which `commit` ends. */
  async begin(): Promise<void> {
    await this.#sql.unsafe("begin");
    if (!this.person) return;
    const claims = JSON.stringify({ sub: this.person, role: "authenticated" });
    await this
      .#sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
  }

  /** Runs a statement; returns its first value, or the name of its refusal. */
  async run(statement: string): Promise<unknown> {
    const rows = await this.#sql.unsafe(statement).values().catch((error: postgres.PostgresError) => error);
    if (!(rows instanceof Error)) return rows[0]?.[0];
    return rows.code.startsWith("PT") ? rows.message : `${rows.code} ${rows.message}`;
  }

  /** Ends the transaction, by a rollback if a statement was refused. */
  commit = async (): Promise<void> => void (await this.#sql.unsafe("commit"));

  /** Runs a statement in a transaction of its own. */
  async alone(statement: string): Promise<unknown> {
    await this.begin();
    const answer = await this.run(statement);
    await this.commit();
    return answer;
  }

  /**
   * Starts a statement in a transaction of its own, and waits until another transaction blocks it.
   * @returns its result, once it is no longer blocked.
   */
  async waiting(sql: Sql, statement: string): Promise<() => Promise<unknown>> {
    const [backend] = await this.#sql`select pg_backend_pid() as pid`;
    let hasEnded = false;
    const answer = this.alone(statement).finally(() => hasEnded = true);
    const waits = async () => {
      const rows = await sql`select from pg_locks where pid = ${backend!.pid} and not granted`;
      return rows.length > 0;
    };
    while (!hasEnded && !(await waits())) await sleep(5);
    if (hasEnded) throw new Error(`It waited for nobody: ${await answer}`);
    return () => answer;
  }

  end = (): Promise<void> => this.#sql.end();
}
