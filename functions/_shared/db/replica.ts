import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, unavailable } from "../base/errors.ts";
import type { DatabaseConnection, Results, Sql, Statement } from "./connection.ts";
import type { Caller, FairQueue } from "./fair_queue.ts";
import type { Position } from "./position.ts";

/** How long a transaction on a replica may take before the primary does it instead. */
export const REPLICA_TIMEOUT_MS = 3000;
/** How long a read waits for a replica that is behind. */
const CATCH_UP_TIMEOUT_MS = 50;
const POLL_MS = 3;
/** How long a replica that failed gets no reads. */
const RETRY_DELAY_MS = 1000;
/** Division by zero: how `isCaughtUp` fails. */
const BEHIND = "22012";
/** Lost connections, resources used up, and a server that is stopping. */
const FAILED = /^(08|53|57P|CONNECT|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND)/;
/** Refusals by a rule, and a statement that takes too long: the primary would say the same. */
const FINAL = /^(PT|57014)/;

type Connections = FairQueue<DatabaseConnection>;
type Opening = (sql: Sql) => Statement[];
type Work<S extends Statement[]> = (sql: Sql) => [...S];
type OnPrimary<S extends Statement[]> = () => Promise<Results<S>>;

/**
 * A replica of the database. A read on it sees all that was committed before the read began, by anyone and through any door:
 * docs/decisions/reads-ask-the-primary.md.
 */
export class Replica {
  /** Nobody waits for a replica that may not be there: it is tried in the background. */
  #isUsable = false;
  #isBeingTried = false;
  #leftAt = -Infinity;

  /** @param position of the primary. */
  constructor(
    private readonly position: Position,
    private readonly reading: Connections,
    private readonly searching: Connections,
  ) {}

  /**
   * Runs statements on the replica, or on the primary while the replica is behind or gone. Statements that turn out to write run
   * again on the primary.
   * @param onPrimary runs the same there.
   */
  read<S extends Statement[]>(caller: Caller, opening: Opening, work: Work<S>, onPrimary: OnPrimary<S>) {
    return this.#isReady() ? this.#run(this.reading, caller, opening, work, onPrimary) : onPrimary();
  }

  /**
   * The same for a search.
   * @param takeToken writes on the primary what a search writes, before the replica is asked.
   * @param onPrimary receives whether that was done.
   */
  async search<S extends Statement[]>(
    caller: Caller,
    opening: Opening,
    work: Work<S>,
    onPrimary: (hasTaken: boolean) => Promise<Results<S>>,
    takeToken: () => Promise<unknown>,
  ): Promise<Results<S>> {
    if (!this.#isReady()) return await onPrimary(false);
    await takeToken();
    return await this.#run(this.searching, caller, opening, work, () => onPrimary(true));
  }

  async #run<S extends Statement[]>(
    connections: Connections,
    caller: Caller,
    opening: Opening,
    work: Work<S>,
    onPrimary: OnPrimary<S>,
  ): Promise<Results<S>> {
    try {
      const position = await this.position.current();
      const end = performance.now() + CATCH_UP_TIMEOUT_MS;
      while (true) {
        try {
          return await connections.use(caller, (connection) => {
            // It may have failed while this read was waiting.
            if (!this.#isUsable) throw unavailable();
            return connection.pipeline((sql) => [isCaughtUp(sql, position), ...opening(sql)], work);
          });
        } catch (error) {
          if (codeOf(error) !== BEHIND || performance.now() > end) throw error;
          await sleep(POLL_MS);
        }
      }
    } catch (error) {
      if (isFinal(error)) throw error;
      if (hasFailed(error)) this.#leave();
      return await onPrimary();
    }
  }

  #isReady(): boolean {
    if (!this.#isUsable && !this.#isBeingTried && performance.now() - this.#leftAt > RETRY_DELAY_MS) void this.#try();
    return this.#isUsable;
  }

  #leave(): void {
    this.#isUsable = false;
    this.#leftAt = performance.now();
  }

  /** Finds out whether the replica is there and follows. */
  async #try(): Promise<void> {
    this.#isBeingTried = true;
    try {
      const position = await this.position.current();
      await sleep(CATCH_UP_TIMEOUT_MS);
      await this.reading.use(
        { key: "replica" },
        (connection) => connection.pipeline((sql) => [isCaughtUp(sql, position)], () => []),
      );
      this.#isUsable = true;
    } catch {
      this.#leave();
    } finally {
      this.#isBeingTried = false;
    }
  }
}

const codeOf = (error: unknown) => String((error as { code?: unknown }).code);

const isFinal = (error: unknown) => error instanceof ApiError ? error.status === 429 : FINAL.test(codeOf(error));

/** Whether the next reads would fail, too; anything else is about one read. */
const hasFailed = (error: unknown) =>
  error instanceof ApiError || codeOf(error) === BEHIND || FAILED.test(codeOf(error));

/**
 * The first statement of a transaction, which fails unless the replica has applied the log up to a position. Those after it then
 * do nothing. A replica that was promoted goes its own way.
 */
const isCaughtUp = (sql: Sql, position: string) =>
  sql`select 1 / coalesce((pg_is_in_recovery() and pg_last_wal_replay_lsn() >= ${position}::pg_lsn)::integer, 0)`;
