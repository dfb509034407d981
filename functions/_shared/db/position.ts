import type { DatabaseConnection } from "./connection.ts";

/**
 * How far the primary has written its log. What has been committed when somebody asks lies before the answer: a replica that has
 * applied the log up to there shows all of it.
 */
export class Position {
  #asking: Promise<string> | undefined;
  #next: Promise<string> | undefined;

  /** @param primary a connection for this alone. */
  constructor(private readonly primary: DatabaseConnection) {}

  /**
   * Asks the primary. All who come while it is being asked share the question after that: the answer to the present one may be
   * older than a commit that they have heard of.
   */
  current(): Promise<string> {
    return this.#next ??= Promise.resolve(this.#asking).catch(() => {}).then(() => {
      this.#asking = this.#next;
      this.#next = undefined;
      return this.#ask();
    });
  }

  async #ask(): Promise<string> {
    const [[row]] = await this.primary.pipeline(() => [], (sql) => [
      // Flushed: a replica receives nothing else, and no commit is answered before.
      sql<[{ position: string }]>`select pg_current_wal_flush_lsn()::text as position`,
    ]);
    return row.position;
  }
}
