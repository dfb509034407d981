import postgres from "postgres";
import { isLost } from "../postgres/lost.ts";
import { type Caller, service } from "./callers.ts";
import { lockTimeout, ofDatabase } from "./errors.ts";

/** What policies may ask about a request beside its caller. */
export interface Context {
  /** As `storage.operation()` names it. */
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
}

/** Statements within one transaction. */
export type Work<T> = (sql: postgres.TransactionSql) => Promise<T>;

const MAX_CONNECTIONS = 10;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT = "5s";
const ROLLBACK = new Error("Rolled back on purpose");

/** Connections as supabase_storage_admin, which acts as the caller of each request. */
export class Database {
  readonly sql: postgres.Sql;

  constructor(url: string) {
    this.sql = postgres(url, {
      max: MAX_CONNECTIONS,
      idle_timeout: 60,
      connect_timeout: 5,
      onnotice: () => {},
      connection: { application_name: "storage", statement_timeout: STATEMENT_TIMEOUT_MS },
    });
  }

  end(): Promise<void> {
    return this.sql.end({ timeout: 1 });
  }

  /**
   * Runs a transaction as a caller.
   * @throws StorageError when a statement is refused.
   */
  async as<T>(caller: Caller, context: Context, work: Work<T>): Promise<T> {
    try {
      return await this.sql.begin(async (sql) => {
        try {
          await become(sql, caller, context);
          return await work(sql);
        } catch (error) {
          // begin() rejects by itself when the connection closes.
          if (isLost(error)) await new Promise(() => {});
          throw error;
        }
      }) as T;
    } catch (error) {
      throw ofDatabase(error) ?? error;
    }
  }

  /** Runs a transaction as Storage itself. */
  asService<T>(context: Context, work: Work<T>): Promise<T> {
    return this.as(service(), context, work);
  }

  /**
   * Whether the caller may do something: does it, and takes it back.
   * @throws StorageError when they may not.
   */
  async mayDo(caller: Caller, context: Context, work: Work<unknown>): Promise<void> {
    try {
      await this.as(caller, context, async (sql) => {
        await work(sql);
        throw ROLLBACK;
      });
    } catch (error) {
      if (error !== ROLLBACK) throw error;
    }
  }
}

/** Makes the caller's role and claims those of the rest of the transaction. */
export async function become(
  sql: postgres.TransactionSql,
  { role, owner, claims, token }: Caller,
  { operation, method, path, headers }: Context,
): Promise<void> {
  await sql`select
    set_config('role', ${role}, true),
    set_config('request.jwt', ${token}, true),
    set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
    set_config('request.jwt.claim.sub', ${owner ?? ""}, true),
    set_config('request.jwt.claim.role', ${role}, true),
    set_config('request.headers', ${JSON.stringify(headers)}, true),
    set_config('request.method', ${method}, true),
    set_config('request.path', ${path}, true),
    set_config('storage.operation', ${operation}, true),
    set_config('storage.allow_delete_query', 'true', true)`;
}

/** Waits until nobody else writes that object, until the end of the transaction. */
export async function lockObject(sql: postgres.TransactionSql, bucket: string, name: string): Promise<void> {
  try {
    await sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${bucket}/${name}`}, 0))`;
  } catch (error) {
    throw (error as { code?: string }).code === "55P03" ? lockTimeout() : error;
  }
}
