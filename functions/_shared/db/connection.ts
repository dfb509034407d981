import postgres from "postgres";
import { ApiError } from "../base/errors.ts";

/** What a transaction's statements are written with. */
export type Sql = postgres.ReservedSql;
/** Any statement, built but not yet sent. */
// deno-lint-ignore no-explicit-any
export type Statement = postgres.PendingQuery<any>;
export type Results<S extends Statement[]> = { [K in keyof S]: Awaited<S[K]> };
type Options = postgres.Options<Record<string, postgres.PostgresType>>;

/** How long a transaction may take, opening the connection included, in milliseconds: longer than any one statement. */
export const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * One connection, used for one transaction at a time. Statements that do not depend on each other are pipelined:
 * begin, the role, the statements and commit are one round trip. A statement that fails makes the commit a rollback.
 */
export class DatabaseConnection {
  #client: postgres.Sql | undefined;
  /** The connection, while it stands. */
  #sql: Sql | undefined;
  #onLost: (error: Error) => void = () => {};

  /**
   * @param check the first query of each connection, which refuses a database that does not fit.
   * @param timeoutMs how long a transaction may take, opening the connection included.
   */
  constructor(
    private readonly url: string,
    private readonly check: (sql: postgres.Sql) => Promise<void>,
    private readonly options: Options,
    private readonly timeoutMs = TRANSACTION_TIMEOUT_MS,
  ) {}

  /** Runs `opening`, then `work`, as one transaction in one round trip. */
  pipeline<S extends Statement[]>(opening: (sql: Sql) => Statement[], work: (sql: Sql) => [...S]): Promise<Results<S>> {
    return this.#withRetries(async (sql) => {
      const before = [sql`begin`.simple(), ...opening(sql)];
      const statements = [...before, ...work(sql), sql`commit`.simple()];
      const outcomes = await Promise.allSettled(statements);
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed) throw failed.reason;
      if (statements.some(wasResent)) throw failure("40001");
      return outcomes.slice(before.length, -1).map((outcome) =>
        (outcome as PromiseFulfilledResult<unknown>).value
      ) as Results<S>;
    });
  }

  /** Runs `work` in a transaction whose statements depend on each other. */
  transaction<T>(opening: (sql: Sql) => Statement, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#withRetries(async (sql) => {
      try {
        await Promise.all([sql`begin`.simple(), opening(sql)]);
        const result = await work(sql);
        await sql`commit`.simple();
        return result;
      } catch (error) {
        if (this.#sql === sql) await sql`rollback`.simple();
        throw error;
      }
    });
  }

  /** Retries a transaction that Postgres rolled back because of a conflict; `run` contains only statements. */
  async #withRetries<T>(run: (sql: Sql) => Promise<T>): Promise<T> {
    for (const wait of RETRY_DELAYS_MS) {
      try {
        return await this.#withTimeout(run);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random())));
      }
    }
    return await this.#withTimeout(run);
  }

  /** Rejects at once when the connection breaks or is silent for too long. */
  async #withTimeout<T>(run: (sql: Sql) => Promise<T>): Promise<T> {
    const lost = new Promise<never>((_, reject) => this.#onLost = reject);
    const timer = setTimeout(() => this.#discard(this.#client), this.timeoutMs);
    try {
      return await Promise.race([this.#open().then(run), lost]);
    } finally {
      clearTimeout(timer);
      this.#onLost = () => {};
    }
  }

  async #open(): Promise<Sql> {
    if (this.#sql) return this.#sql;
    // Without timers that close it: a reserved connection is not reopened.
    const timers = { idle_timeout: 0, max_lifetime: null };
    const onclose = () => this.#discard(client);
    const client = postgres(this.url, { ...this.options, ...timers, max: 1, fetch_types: false, onclose });
    this.#client = client;
    try {
      // postgres.js forgets a reservation that waits for its first connection.
      await this.check(client);
      return this.#sql = await client.reserve();
    } catch (error) {
      if (error instanceof ApiError) this.#onLost(error);
      this.#discard(client);
      throw error;
    }
  }

  /** The next transaction gets a new client: one that has lost its connection may hold statements back. */
  #discard(client: postgres.Sql | undefined): void {
    if (!client || client !== this.#client) return;
    this.#client = this.#sql = undefined;
    this.#onLost(failure("CONNECTION_CLOSED"));
    void client.end({ timeout: 0 });
  }
}

/** The delays before retries. */
const RETRY_DELAYS_MS = [20, 100];

/**
 * Whether to retry: a deadlock, a serialization failure, a lock that was not waited for, or a call that was under way while a
 * migration added a column to its result (42804), or replaced a function that it calls (42883).
 */
const isConflict = (error: unknown) =>
  error instanceof Error && error.name === "PostgresError" &&
  (/^(40P01|40001|42804|42883)$/.test((error as { code?: string }).code ?? "") || error.message === "try_again");

/** postgres.js resends a statement whose prepared plan has become invalid: too late for its transaction. */
const wasResent = (statement: Statement) => "retried" in statement && Boolean(statement.retried);

const failure = (code: string) => Object.assign(new Error(code), { code });
