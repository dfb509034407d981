import postgres from "postgres";

/** What a transaction's statements are written with. */
export type Sql = postgres.ReservedSql;
/** Any statement, built but not yet sent. */
// deno-lint-ignore no-explicit-any
export type Statement = postgres.PendingQuery<any>;
type Results<S extends Statement[]> = { [K in keyof S]: Awaited<S[K]> };

/**
 * One connection, taken for a transaction at a time. Statements that do not wait for each other are sent together:
 * begin, the role, the statements and commit are one round trip. A statement that fails makes the commit a rollback.
 */
export class Lane {
  #client: postgres.Sql;
  #open = false;
  #break: (error: Error) => void = () => {};

  constructor(url: string, options: postgres.Options<Record<string, postgres.PostgresType>>) {
    const onclose = () => {
      this.#open = false;
      this.#break(failure("CONNECTION_CLOSED"));
    };
    // Without timers that close it: postgres.js loses a reservation that waits for a connection to come back.
    this.#client = postgres(url, {
      ...options,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      onclose,
    });
  }

  /** Runs `opening`, then `work`, as one transaction in one round trip. */
  together<S extends Statement[]>(opening: (sql: Sql) => Statement, work: (sql: Sql) => [...S]): Promise<Results<S>> {
    return this.#hold(async (sql) => {
      const statements = [sql`begin`.simple(), opening(sql), ...work(sql), sql`commit`.simple()];
      const outcomes = await Promise.allSettled(statements);
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) throw failed.reason;
      if (statements.some(wasRepeated)) throw failure("40001");
      return outcomes.slice(2, -1).map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as Results<S>;
    });
  }

  /** Runs `work` step by step in a transaction, for what one statement cannot say. */
  stepwise<T>(opening: (sql: Sql) => Statement, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#hold(async (sql) => {
      try {
        await Promise.all([sql`begin`.simple(), opening(sql)]);
        const result = await work(sql);
        await sql`commit`.simple();
        return result;
      } catch (error) {
        if (this.#open) await sql`rollback`.simple();
        throw error;
      }
    });
  }

  /** Closes the connection. */
  end(): Promise<void> {
    return this.#client.end({ timeout: 1 });
  }

  /** When the connection breaks, what waits is rejected at once, and it is not handed back: it opens anew. */
  async #hold<T>(run: (sql: Sql) => Promise<T>): Promise<T> {
    if (!this.#open) await this.#client`select 1`;
    this.#open = true;
    const sql = await this.#client.reserve();
    const broken = new Promise<never>((_, reject) => this.#break = reject);
    try {
      return await Promise.race([run(sql), broken]);
    } finally {
      this.#break = () => {};
      if (this.#open) sql.release();
    }
  }
}

/** postgres.js sends a statement again when its prepared plan has become invalid: too late for its transaction. */
const wasRepeated = (statement: Statement) => "retried" in statement && Boolean(statement.retried);

const failure = (code: string) => Object.assign(new Error(code), { code });
