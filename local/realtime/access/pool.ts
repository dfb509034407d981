import postgres from "postgres";
import { isLost } from "../../postgres/lost.ts";
import type { Settings } from "../limits/settings.ts";

export type DatabaseErrorKind = "busy" | "away" | "canceled" | "no_partition" | "refused";

/** An error of the database, by kind. */
export class DatabaseError extends Error {
  constructor(readonly kind: DatabaseErrorKind, message: string, readonly code?: string) {
    super(message);
  }
}

type Statements = (sql: postgres.Sql) => postgres.PendingQuery<postgres.Row[]>[];

/** A connection pool for transactions that are always rolled back. */
export class Pool {
  readonly sql: postgres.Sql;

  constructor(url: string, readonly settings: Settings) {
    this.sql = postgres(url, {
      max: settings.databaseConnections,
      onnotice: () => {},
      connect_timeout: 5,
      idle_timeout: 60,
      connection: { application_name: "realtime", statement_timeout: settings.databaseWaitMs },
    });
  }

  /**
   * Runs statements in a transaction, in one round trip.
   * @throws DatabaseError of the first one that fails.
   */
  async transaction(statements: Statements): Promise<unknown[]> {
    const results = await this.attempt(statements);
    const failed = results.find((result) => result instanceof DatabaseError);
    if (failed) throw failed;
    return results;
  }

  /**
   * Like `transaction`, but returns the errors of statements as results.
   * @throws DatabaseError when there is no connection.
   */
  async attempt(statements: Statements): Promise<unknown[]> {
    const connection = await this.#connection();
    let isUsable = true;
    try {
      const began = connection`begin`;
      const results = Promise.allSettled([began, ...statements(connection)]);
      const [, ...settled] = await results;
      isUsable = !settled.some((one) => one.status === "rejected" && isLost(one.reason));
      return settled.map((one) => one.status === "fulfilled" ? one.value : asDatabaseError(one.reason));
    } finally {
      if (isUsable) await connection`rollback`.catch((error) => isUsable = !isLost(error));
      // The pool takes one that is lost back by itself.
      if (isUsable) connection.release();
    }
  }

  end(): Promise<void> {
    return this.sql.end({ timeout: 1 });
  }

  async #connection(): Promise<postgres.ReservedSql> {
    const reserved = this.sql.reserve();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.settings.databaseWaitMs);
    });
    try {
      const connection = await Promise.race([reserved, late]);
      if (connection) return connection;
    } catch (error) {
      throw asDatabaseError(error);
    } finally {
      clearTimeout(timer);
    }
    reserved.then((connection) => connection.release(), () => {});
    throw new DatabaseError("busy", "Please increase your connection pool size");
  }
}

/** Converts an error of the driver. */
export function asDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code, message, table_name } = error as { code?: string; message: string; table_name?: string };
  if (!(error instanceof postgres.PostgresError)) return new DatabaseError("away", message, code);
  if (code === "57014") return new DatabaseError("canceled", message, code);
  if (code === "23514" && table_name?.startsWith("messages")) return new DatabaseError("no_partition", message, code);
  // Classes 57 and 08: the server or the connection is shutting down; 53: insufficient resources.
  const isAway = /^(57P|08|53)/.test(code ?? "");
  return new DatabaseError(isAway ? "away" : "refused", message, code);
}
