import {
  type AnyAST,
  type ConnectionContextOptions,
  getAuthSchemaSql,
  type IntrospectResult,
  splitSqlStatements,
  type VarsContext,
} from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { type Kysely, sql } from "kysely";
import type postgres from "postgres";
import { asPostgrestSees } from "./catalog.ts";
import { withJsonScalars } from "./json_values.ts";
import { isRolledBack, tooManyRows } from "./preferences.ts";
import { readRoleSettings, type RoleSettings } from "./role_settings.ts";
import type { LiteSettings } from "./settings.ts";

/** The statements that every request repeats: the caller and the settings of the transaction. */
const REPEATED_STATEMENT = /^select (set_config\(|\* from "auth"\."(users|sessions)" where "id" = \$1$)/;
/** Statement timeouts by role, as on the platform. */
const TIMEOUTS: Record<string, string> = { anon: "3s" };

const asIs = (value: unknown) => value;
const JSON_TYPE = {
  // lite passes JSON as text; its own types would quote it twice.
  serialize: (value: unknown) => typeof value === "string" ? value : JSON.stringify(value),
  parse: JSON.parse,
};
/** As PostgREST prints it: `2026-11-21T02:30:00.123456+00:00`. */
const timestamp = (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
const TYPES = {
  json: { to: 114, from: [114], ...JSON_TYPE },
  jsonb: { to: 3802, from: [3802], ...JSON_TYPE },
  timestamp: { to: 1114, from: [1114], serialize: asIs, parse: timestamp },
  timestamptz: { to: 1184, from: [1184], serialize: asIs, parse: timestamp },
};

/** Ends a transaction that has not failed. */
const ROLLBACK = new Error("Rolled back, as the request asks");

type Rpc = NonNullable<ConnectionContextOptions["rpc"]>;

/** lite's connection to Postgres, corrected to behave as PostgREST's. */
export class Connection extends PostgresConnection {
  readonly #schemas: string[];
  /** The last catalog found, and its corrected form. */
  #seen?: { found: IntrospectResult; catalog: IntrospectResult };
  /** Reads the whole catalog, regardless of privileges. */
  readonly #catalog: PostgresConnection;
  readonly #searchPath: string;
  #settings: RoleSettings = { aggregates: false, end: "commit" };

  constructor({ dbPort, keys, api }: LiteSettings) {
    const url = (role: string) => `postgresql://${role}:${keys.admin_password}@127.0.0.1:${dbPort}/postgres`;
    super({ url: url("supabase_auth_admin"), postgresOptions: { types: TYPES, onnotice: () => {} } });
    prepareRepeated(this.driver);
    this.#catalog = new PostgresConnection({
      url: url("supabase_admin"),
      postgresOptions: { max: 1, idle_timeout: 10 },
    });
    this.#schemas = api.schemas;
    this.#searchPath = [...api.schemas, ...api.extra_search_path].map((name) => `"${name}"`).join(", ");
  }

  /** Creates the tables of lite's Auth; the schema exists. */
  async makeAuthTables(): Promise<void> {
    for (const statement of splitSqlStatements(getAuthSchemaSql())) {
      if (!/^create schema/i.test(statement)) await this.driver.unsafe(statement);
    }
    await this.driver`alter table auth.mfa_amr_claims drop constraint if exists mfa_amr_claims_session_id_fkey,
      add constraint mfa_amr_claims_session_id_fkey foreign key (session_id) references auth.sessions on delete cascade`;
  }

  /**
   * Clears the schema cache whenever the schema changes, and reads the settings of PostgREST whenever they do.
   * @param changed receives the settings.
   */
  async watch(changed: (settings: RoleSettings) => void): Promise<void> {
    const reload = async () => {
      await this.clearSchemaCache();
      this.#settings = await readRoleSettings(this.#catalog.driver);
      changed(this.#settings);
    };
    // A connection that was lost is made again, and so is this.
    const reloadLater = () => void reload().catch(() => {});
    await this.#catalog.driver.listen("pgrst", reloadLater, reloadLater);
    await reload();
  }

  override async introspect(options?: { useCache?: boolean }): Promise<IntrospectResult> {
    this.#catalog.config.schemaCache = this.config.schemaCache;
    const found = await this.#catalog.introspect(options);
    if (this.#seen?.found !== found) this.#seen = { found, catalog: asPostgrestSees(found, this.#schemas) };
    return this.#seen.catalog;
  }

  override async onPostgrestAST(request: AnyAST): Promise<AnyAST> {
    const known = await super.onPostgrestAST(request);
    return withJsonScalars(known, await this.introspect({ useCache: true }));
  }

  override async clearSchemaCache(): Promise<void> {
    await this.#catalog.clearSchemaCache();
    await super.clearSchemaCache();
  }

  /** Runs work as the user of a request, in a transaction that one statement sets up, where lite needs ten. */
  override withContext<T>(
    vars: VarsContext | undefined,
    // deno-lint-ignore no-explicit-any
    work: (db: Kysely<any>) => Promise<T>,
    options: ConnectionContextOptions = {},
  ): Promise<T> {
    if (!vars) return super.withContext(vars, work, options);
    const settings = Object.entries({ ...this.#variables(vars), ...(options.rpc && requestSettings(options.rpc)) });
    const prepare = sql`select ${sql.join(settings.map(([name, value]) => sql`set_config(${name}, ${value}, true)`))}`;
    // deno-lint-ignore no-explicit-any
    const inContext = async (db: Kysely<any>) => {
      await prepare.execute(db);
      return await work(db);
    };
    return options.transaction ? inContext(options.transaction) : this.#inTransaction(inContext, !!options.rpc);
  }

  // deno-lint-ignore no-explicit-any
  async #inTransaction<T>(work: (db: Kysely<any>) => Promise<T>, isRpc: boolean): Promise<T> {
    let result: { value: T } | undefined;
    try {
      return await this.kysely.transaction().execute(async (db) => {
        const value = await work(db);
        const refused = isRpc ? await tooManyRows(value) : undefined;
        if (!refused && !isRolledBack(this.#settings.end)) return value;
        result = { value: (refused as T | undefined) ?? value };
        throw ROLLBACK;
      });
    } catch (error) {
      if (error !== ROLLBACK || !result) throw error;
      return result.value;
    }
  }

  #variables({ auth, storage }: VarsContext): Record<string, string> {
    const { role = "anon", uid, jwt } = (auth ?? {}) as { role?: string; uid?: string | null; jwt?: object | null };
    return {
      role,
      search_path: this.#searchPath,
      statement_timeout: TIMEOUTS[role] ?? "8s",
      "request.jwt.claim.sub": uid ?? "",
      "request.jwt.claim.role": role,
      "request.jwt.claims": jwt ? JSON.stringify(jwt) : "",
      "storage.operation": String((storage as { operation?: string } | undefined)?.operation ?? ""),
    };
  }
}

/** The settings by which a function reads the request and sets the response. */
function requestSettings({ method, path, readOnly, requestHeaders }: Rpc): Record<string, string> {
  return {
    ...(readOnly && { transaction_read_only: "on" }),
    "request.method": method,
    "request.path": path,
    "request.headers": JSON.stringify(requestHeaders ?? {}),
    "response.status": "",
    "response.headers": "",
  };
}

/** Prepares the statements that every request repeats, as PostgREST does: one round trip each instead of two. */
function prepareRepeated(driver: postgres.Sql): void {
  const reserve = driver.reserve.bind(driver);
  driver.reserve = async () => {
    const connection = await reserve();
    const { unsafe } = connection;
    connection.unsafe = (text, parameters, options) =>
      unsafe(text, parameters, REPEATED_STATEMENT.test(text) ? { ...options, prepare: true } : options);
    return connection;
  };
}
