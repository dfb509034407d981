import type postgres from "postgres";
import { DatabaseError, type Pool } from "./pool.ts";
import type { Claims } from "./tokens.ts";

/** The context of a policy check: the claims and headers of the caller, and the topic. */
export interface AuthContext {
  claims: Claims;
  headers: Record<string, string>;
  topic: string;
}

/** The caller of a request, for any topic. */
export type Caller = Omit<AuthContext, "topic">;

export type Extension = "broadcast" | "presence";
export type Permissions = Partial<Record<Extension, boolean>>;

const INSUFFICIENT_PRIVILEGE = "42501";

/** Checks the policies of realtime.messages with probe rows in a transaction that is rolled back. */
export class Policies {
  constructor(readonly pool: Pool) {}

  /**
   * The extensions whose rows the caller can select.
   * @throws DatabaseError
   */
  async readable(authContext: AuthContext, extensions: Extension[]): Promise<Permissions> {
    const probes = extensions.map((extension) => ({ id: crypto.randomUUID(), topic: authContext.topic, extension }));
    const ids = probes.map(({ id }) => id);
    const rows = await this.pool.transaction((sql) => [
      sql`insert into realtime.messages ${sql(probes)}`,
      become(sql, authContext),
      sql`select id from realtime.messages where id = any(${ids}::uuid[])`,
    ]);
    const visible = new Set((rows.at(-1) as { id: string }[]).map(({ id }) => id));
    return Object.fromEntries(probes.map(({ id, extension }) => [extension, visible.has(id)]));
  }

  /**
   * The extensions whose rows the caller can insert.
   * @throws DatabaseError
   */
  async writable(authContext: AuthContext, extensions: Extension[]): Promise<Permissions> {
    const results = await this.pool.attempt((sql) => [
      become(sql, authContext),
      ...extensions.flatMap((extension) => [
        sql`savepoint probe`,
        sql`insert into realtime.messages ${sql({ topic: authContext.topic, extension })}`,
        sql`rollback to savepoint probe`,
      ]),
    ]);
    const [became, ...steps] = results;
    if (became instanceof DatabaseError) throw became;
    return Object.fromEntries(extensions.map((extension, index) => {
      const inserted = steps[index * 3 + 1];
      if (!(inserted instanceof DatabaseError)) return [extension, true];
      if (inserted.code === INSUFFICIENT_PRIVILEGE) return [extension, false];
      throw inserted;
    }));
  }

  /** Whether the caller may broadcast to a private topic, or the error of the database. */
  async mayBroadcast(authContext: AuthContext): Promise<boolean | DatabaseError> {
    // It bypasses policies.
    if (authContext.claims.role === "service_role") return true;
    try {
      return (await this.writable(authContext, ["broadcast"])).broadcast === true;
    } catch (error) {
      if (error instanceof DatabaseError) return error;
      throw error;
    }
  }
}

/** Sets the caller's role, claims and topic until the end of the transaction. */
export function become(
  sql: postgres.Sql,
  { claims, headers, topic }: AuthContext,
): postgres.PendingQuery<postgres.Row[]> {
  return sql`select
    set_config('role', ${String(claims.role)}, true),
    set_config('realtime.topic', ${topic}, true),
    set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
    set_config('request.jwt.claim.sub', ${String(claims.sub ?? "")}, true),
    set_config('request.jwt.claim.role', ${String(claims.role)}, true),
    set_config('request.headers', ${JSON.stringify(headers)}, true)`;
}
